"""Memories on the deployed stack: photos that arrive together, that leave, and the day's announcement."""

import json
from pathlib import Path

import pytest
from PIL import Image

from safelight.transactions import Record
from vision.shelf import photo_of_people
from workflow.lab import Lab


def dated(folder: Path, name: str, day: str, hour: int) -> Path:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"{day.replace('-', ':')} {hour:02}:00:00"
    Image.effect_noise((120, 90), 40).convert("RGB").save(folder / name, exif=exif)
    return folder / name


def memories(lab: Lab, album: str) -> list[Record]:
    return lab.library.timeline(album, "memory")


def test_photos_that_arrive_together_end_in_one_memory(lab: Lab, tmp_path: Path) -> None:
    photos = [
        (f"wedding/{hour}.jpg", dated(tmp_path, f"{hour}.jpg", "2023-07-01", hour)) for hour in range(10, 16)
    ]

    records = lab.add(*photos)

    memory_ids = {record["memory_id"] for record in lab.library.timeline("wedding", "photo")}
    assert len(records) == 6
    (memory,) = memories(lab, "wedding")
    assert memory_ids == {memory["memory_id"]}
    assert memory["photo_count"] == 6
    assert (memory["starts_at"], memory["ends_at"]) == ("2023-07-01T10:00:00", "2023-07-01T15:00:00")


def test_a_photo_that_is_rejected_later_leaves_its_memory(lab: Lab, tmp_path: Path) -> None:
    good = dated(tmp_path, "good.jpg", "2022-03-05", 12)
    lab.add(("leaving/stays.jpg", good), ("leaving/goes.jpg", good))
    (memory,) = memories(lab, "leaving")
    assert memory["photo_count"] == 2

    (tmp_path / "bad.jpg").write_bytes(b"this is no photo")
    (rejected,) = lab.add(("leaving/goes.jpg", tmp_path / "bad.jpg"))

    assert rejected["status"] == "REJECTED"
    assert "memory_id" not in rejected
    (left,) = memories(lab, "leaving")
    assert (left["memory_id"], left["photo_count"]) == (memory["memory_id"], 1)


@pytest.mark.needs("Faces")
def test_a_portrait_and_no_screenshot_stands_for_a_day_and_goes_on_standing(lab: Lab, tmp_path: Path) -> None:
    with Image.open(photo_of_people(5)) as portrait:
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = "2022:08:20 18:00:00"
        portrait.save(tmp_path / "portrait.jpg", exif=exif, quality=92)
    screen = dated(tmp_path, "screen.jpg", "2022-08-20", 17)
    screens = [(f"evening/Screenshot_{number}.jpg", screen) for number in (1, 2, 3)]

    *_, portrayed = lab.add(*screens, ("evening/portrait.jpg", tmp_path / "portrait.jpg"))

    assert portrayed["tags"]["faces"]
    (memory,) = memories(lab, "evening")
    assert memory["photo_count"] == 4
    assert memory["cover_key"] == "evening/portrait.jpg"
    assert len([key for key in memory["highlights"] if "Screenshot" in key]) <= 1, "they are one picture"

    lab.run({**lab.event(portrayed), "reprocess": True})
    assert memories(lab, "evening") == [memory], "how often it was processed makes no difference"


def remember(lab: Lab, day: str) -> tuple[str, list[str]]:
    started = lab.library.stepfunctions.start_execution(
        stateMachineArn=lab.library.outputs["OnThisDayWorkflowArn"],
        input=json.dumps({"scheduled_for": f"{day}T08:00:00Z", "timezone": "Etc/UTC"}),
    )
    arn = started["executionArn"]
    lab.until(lambda: lab.library.execution_status(arn) != "RUNNING", f"{arn} ends")
    return lab.library.execution_status(arn), lab.states_of(arn)


def test_the_best_memory_of_a_day_is_announced_once(lab: Lab, tmp_path: Path) -> None:
    lab.add(
        *(
            (f"birthday/{hour}.jpg", dated(tmp_path, f"b{hour}.jpg", "2021-09-17", hour))
            for hour in range(12, 16)
        )
    )

    assert remember(lab, "2026-09-17") == (
        "SUCCEEDED",
        ["RememberTheDay", "IsThereAMemory", "TakeTheDay", "AnnounceMemory", "MemoryAnnounced"],
    )
    (message,) = lab.until(
        lambda: lab.heard("NotificationsTopic", "Five years ago today"), "the memory is announced"
    )
    assert "birthday" in message.text

    status, states = remember(lab, "2026-09-17")
    assert (status, states[-1]) == ("SUCCEEDED", "AlreadyAnnounced")
    assert len(lab.heard("NotificationsTopic", "Five years ago today")) == 1
    assert remember(lab, "2026-09-18")[1][-1] == "NothingToAnnounce"


def test_the_day_is_remembered_every_morning(lab: Lab) -> None:
    schedules = lab.library.client("scheduler")
    described = [
        schedules.get_schedule(Name=each["Name"], GroupName=each["GroupName"])
        for each in schedules.list_schedules()["Schedules"]
    ]
    (schedule,) = [
        each for each in described if each["Target"]["Arn"] == lab.library.outputs["OnThisDayWorkflowArn"]
    ]
    assert schedule["ScheduleExpression"] == "cron(0 8 * * ? *)"
    assert json.loads(schedule["Target"]["Input"]) == {
        "scheduled_for": "<aws.scheduler.scheduled-time>",
        "timezone": "Etc/UTC",
    }
