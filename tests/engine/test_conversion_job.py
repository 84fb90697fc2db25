"""The jobs that the workflow of long films asks MediaConvert for are such as its own model takes."""

import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import validate_parameters

from engine.lab import Engine, deployed
from engine.scenarios import ARN, CONVERSIONS, RUNGS, Scenario
from engine.test_second_engine import Answers, path_of

MODEL = botocore.session.get_session().get_service_model("mediaconvert").operation_model("CreateJob")


def unfit(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Yield what the model does not have so, and botocore does not look at: words, bounds and patterns."""
    match shape:
        case StructureShape():
            for name, member in value.items():
                yield from unfit(member, shape.members[name], f"{path}.{name}")
        case ListShape():
            for member in value:
                yield from unfit(member, shape.member, path)
        case MapShape():
            for member in value.values():
                yield from unfit(member, shape.value, path)
        case _:
            if (words := getattr(shape, "enum", None)) and value not in words:
                yield f"{path} is {value}"
            if (pattern := shape.metadata.get("pattern")) and not re.search(pattern, value):
                yield f"{path} is {value}"
            size = len(value) if isinstance(value, str) else value
            if not shape.metadata.get("min", size) <= size <= shape.metadata.get("max", size):
                yield f"{path} is {value}"


@pytest.fixture(scope="module")
def jobs() -> Iterator[dict[str, dict[str, Any]]]:
    """The jobs of all scenarios that come to one, by what those say."""
    engine = Engine()

    def asked(scenario: Scenario) -> list[dict[str, Any]]:
        execution = engine.run(deployed(path_of(scenario)), scenario.given, ARN, Answers(scenario))
        return [parameters for state, parameters in execution.asked if state == "ConvertFilm"]

    yield {scenario.says: jobs[0] for scenario in CONVERSIONS if (jobs := asked(scenario))}
    engine.close()


def outputs(job: dict[str, Any]) -> list[dict[str, Any]]:
    (group,) = job["Settings"]["OutputGroups"]
    made: list[dict[str, Any]] = group["Outputs"]
    return made


def h264(job: dict[str, Any]) -> list[dict[str, Any]]:
    pictures = [it["VideoDescription"] for it in outputs(job) if "VideoDescription" in it]
    return [it["CodecSettings"]["H264Settings"] for it in pictures]


def test_the_model_takes_every_job(jobs: dict[str, dict[str, Any]]) -> None:
    assert len(jobs) == 4
    for says, job in jobs.items():
        validate_parameters(job, MODEL.input_shape)
        assert list(unfit(job, MODEL.input_shape)) == [], says


def test_there_is_an_output_for_each_size_and_one_for_the_sound(jobs: dict[str, dict[str, Any]]) -> None:
    whole = outputs(jobs["with sound"])
    assert [it["NameModifier"] for it in whole] == ["_1080p", "_720p", "_audio"]
    assert [(it["VideoDescription"]["Width"], it["VideoDescription"]["Height"]) for it in whole[:2]] == [
        (it["width"], it["height"]) for it in RUNGS
    ]
    assert [it["MaxBitrate"] for it in h264(jobs["with sound"])] == [it["bits_per_second"] for it in RUNGS]
    silent = outputs(jobs["of one size, silent, of many frames"])
    assert [it["NameModifier"] for it in silent] == ["_1080p"]


def test_films_are_upright_and_of_sixty_frames_a_second_at_most(jobs: dict[str, dict[str, Any]]) -> None:
    turns = {says: job["Settings"]["Inputs"][0]["VideoSelector"]["Rotate"] for says, job in jobs.items()}
    assert turns.pop("upright, whose pace nobody knows") == "DEGREES_90"
    assert set(turns.values()) == {"DEGREE_0"}
    (fast,) = h264(jobs["of one size, silent, of many frames"])
    assert (fast["FramerateNumerator"], fast["FramerateDenominator"]) == (60, 1)
    assert "FramerateNumerator" not in h264(jobs["upright, whose pace nobody knows"])[0]


def test_a_job_reads_the_original_and_writes_beside_its_renditions(jobs: dict[str, dict[str, Any]]) -> None:
    job = jobs["with sound"]
    (given,) = job["Settings"]["Inputs"]
    assert given["FileInput"] == 's3://originals/Sea "2025"/ünï\\1.jpg'
    (group,) = job["Settings"]["OutputGroups"]
    written = group["OutputGroupSettings"]["CmafGroupSettings"]["Destination"]
    assert written == "s3://RenditionsBucket/renditions/Sea/film/playlist"
    assert job["Role"] == "arn:aws:iam::Account:role/ConverterRole"
