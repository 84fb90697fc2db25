"""Deploys both environments of samconfig.toml side by side to one embedded account: `make audit-deploy`.

Then each gets a photo, and knows nothing of the other's; a deployment that fails in its very last resource
leaves nothing of its stack; and a stack that is deleted leaves what keeps photos, and the other stack.
"""

import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

import jmespath
import yaml
from PIL import Image

from contract.definitions import REPOSITORY
from safelight_library.library import Library
from safelight_library.uploads import Upload
from safelight_local.cloud.cloud import Cloud, tied_cloud
from safelight_local.cloud.deployment import build, library_on, local_parameters, sam, session_on
from safelight_local.cloud.problems import DeployProblem
from safelight_local.web import publish

KEY = "Side by side/photo.jpg"

GIVEN = {
    "default": {
        **dict.fromkeys(("Labels", "ImageProperties", "Faces", "SceneText", "Moderation"), "off"),
        "ReadText": "never",
    },
    "production": {
        "AlertEmail": "on-call@example.com",
        **dict.fromkeys(("Labels", "ImageProperties", "Faces", "SceneText", "Moderation"), "on"),
        **{"ReadText": "always", "MonthlyBudget": "10", "TaggingAtOnce": "2", "GpsPrecision": "rounded"},
        "ReplicaBucketArn": "arn:aws:s3:::replica",
        "ReplicaKeyArn": "arn:aws:kms:eu-west-1:000000000000:key/1",
        **{"OriginalsStorage": "intelligent-tiering", "OldVersionsDays": "30"},
        **{
            "CustomerKey": "on",
            "VisionRegion": "eu-west-1",
            "CanaryMinutes": "60",
            "MailFrom": "a@example.com",
        },
    },
}
"""One has every feature off that can be, the other has all on, and an address, which it asks for.

That originals are copied to the replica is not seen here: the embedded CloudFormation makes the bucket
without its ReplicationConfiguration.
"""

_BUCKETS_BUT_SAMS = "Buckets[?!starts_with(Name, 'aws-sam-cli-managed')].Name"
_LATEST_LAYERS = "Layers[].LatestMatchingVersion.LayerVersionArn"

LISTS: dict[str, tuple[str, str, str]] = {
    "AWS::S3::Bucket": ("s3", "list_buckets", _BUCKETS_BUT_SAMS),
    "AWS::DynamoDB::Table": ("dynamodb", "list_tables", "TableNames[]"),
    "AWS::SNS::Topic": ("sns", "list_topics", "Topics[].TopicArn"),
    "AWS::SQS::Queue": ("sqs", "list_queues", "QueueUrls[]"),
    "AWS::Lambda::Function": ("lambda", "list_functions", "Functions[].FunctionName"),
    "AWS::Lambda::LayerVersion": ("lambda", "list_layers", _LATEST_LAYERS),
    "AWS::Lambda::EventSourceMapping": ("lambda", "list_event_source_mappings", "EventSourceMappings[].UUID"),
    "AWS::IAM::Role": ("iam", "list_roles", "Roles[].RoleName"),
    "AWS::StepFunctions::StateMachine": ("stepfunctions", "list_state_machines", "stateMachines[].name"),
    "AWS::Events::Rule": ("events", "list_rules", "Rules[].Name"),
    "AWS::Scheduler::Schedule": ("scheduler", "list_schedules", "Schedules[].Name"),
    "AWS::Logs::LogGroup": ("logs", "describe_log_groups", "logGroups[].logGroupName"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    "AWS::CloudWatch::Dashboard": ("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "list_secrets", "SecretList[].Name"),
    "AWS::Cognito::UserPool": ("cognito-idp", "list_user_pools", "UserPools[].Id"),
    "AWS::CloudFront::Distribution": ("cloudfront", "list_distributions", "DistributionList.Items[].Id"),
    "AWS::CloudFront::Function": ("cloudfront", "list_functions", "FunctionList.Items[].Name"),
    "AWS::CloudFront::OriginAccessControl": (
        *("cloudfront", "list_origin_access_controls"),
        "OriginAccessControlList.Items[].Id",
    ),
}
"""How an account lists what it has, by kind."""

KEPT = {"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool"}
"""What outlives its stack."""

Inventory = dict[str, set[str]]


def inventory(cloud: Cloud) -> Inventory:
    """Return what the account has, by kind."""
    session, found = session_on(cloud), {}
    for kind, (service, operation, expression) in LISTS.items():
        client: Any = session.client(service, endpoint_url=cloud.endpoint)  # type: ignore[call-overload]
        more = {"MaxResults": 60} if kind == "AWS::Cognito::UserPool" else {}
        if client.can_paginate(operation):
            pages = list(client.get_paginator(operation).paginate(**more))
        else:
            pages = [getattr(client, operation)(**more)]
        found[kind] = {it for page in pages for it in jmespath.search(expression, page) or []}
    return found


def deploy(cloud: Cloud, environment: str, template: Path, **given: str) -> str:
    """Deploy an environment of samconfig.toml as its user does, and return the name of the stack."""
    settings = tomllib.loads((REPOSITORY / "samconfig.toml").read_text())[environment]
    overrides = settings["deploy"]["parameters"].get("parameter_overrides", "")
    parameters = {
        **local_parameters(),
        "LaptopPort": cloud.endpoint.rpartition(":")[2],
        **dict(each.split("=", 1) for each in overrides.split()),
        **GIVEN[environment],
    }
    stack: str = given.get("stack", settings["global"]["parameters"]["stack_name"])
    sam(
        *("deploy", "--config-file", str(REPOSITORY / "samconfig.toml"), "--config-env", environment),
        *("--template-file", str(template), "--stack-name", stack, "--no-confirm-changeset"),
        *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
        cloud=cloud,
    )
    return stack


def failing(template: Path) -> Path:
    """Return a copy of a built template, beside it, whose last resource cannot be made."""
    loaded = yaml.safe_load(template.read_text())
    loaded["Resources"]["TheLast"] = {
        "Type": "AWS::Lambda::Url",
        "DependsOn": sorted(name for name, it in loaded["Resources"].items() if "Condition" not in it),
        "Properties": {"TargetFunctionArn": "there-is-none", "AuthType": "AWS_IAM"},
    }
    copy = template.with_name("failing.yaml")
    copy.write_text(yaml.safe_dump(loaded, sort_keys=False))
    return copy


def add(library: Library, color: str) -> dict[str, Any]:
    """Upload a photo, and return its record."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photo.jpg")
        Image.new("RGB", (600, 400), color).save(path)
        (record,) = library.add([Upload(path, KEY)])
    return dict(record)


def main() -> None:
    template, started = build() / "template.yaml", time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    with tied_cloud("audit") as cloud:
        stacks, made = {}, {}
        for environment in GIVEN:
            before = inventory(cloud)
            stacks[environment] = deploy(cloud, environment, template)
            made[environment] = {kind: ids - before[kind] for kind, ids in inventory(cloud).items()}
            library = library_on(cloud, stacks[environment])
            publish(library)
            count = sum(map(len, made[environment].values()))
            tell(f"{environment} is deployed as {stacks[environment]}, with {count} resources of its own")
        libraries = {name: library_on(cloud, stack) for name, stack in stacks.items()}
        colors = dict(zip(libraries, ("red", "blue"), strict=True))
        for name, library in libraries.items():
            record = add(library, colors[name])
            assert record["status"] == "ACTIVE", record
            assert len(list(library.all_photos())) == 1, "the other's photo is not here"
            assert record["thumbnail_url"].startswith(library.outputs["LibraryUrl"]), record
            calls = sorted(record["tags"]["calls"])
            assert bool(calls) == (name == "production"), calls
            tell(f"a photo of {name} is ACTIVE, the only one there, and was looked at by: {', '.join(calls)}")
        assert libraries["default"].photos_at([KEY]) != libraries["production"].photos_at([KEY])

        before, copy = inventory(cloud), failing(template)
        try:
            deploy(cloud, "default", copy, stack="safelight-failing")
        except DeployProblem as problem:
            assert "TheLast" in str(problem) or "ROLLBACK" in str(problem), problem
        else:
            raise AssertionError("There is no function for its last resource.")
        finally:
            copy.unlink()
        left = {kind: ids - before[kind] for kind, ids in inventory(cloud).items()}
        assert not any(left.values()), left
        tell("a first deployment that failed in its last resource left nothing")

        sam("delete", "--stack-name", stacks["default"], "--no-prompts", "--region", "us-east-1", cloud=cloud)
        now = inventory(cloud)
        left = {kind: ids & now[kind] for kind, ids in made["default"].items() if ids & now[kind]}
        assert set(left) == KEPT, left
        assert made["production"].items() <= {k: now[k] & v for k, v in made["production"].items()}.items()
        assert add(libraries["production"], "green")["status"] == "ACTIVE"
        tell("default was deleted but for what keeps photos, and production goes on")


if __name__ == "__main__":
    main()
