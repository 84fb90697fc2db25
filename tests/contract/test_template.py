"""What the template promises to an account: it stays within its own names, rights and regions."""

import json
import re
import tomllib
from typing import Any

import boto3
import pytest

from contract.definitions import REPOSITORY, resources, template

KEEPING = {"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::KMS::Key"}
NAMED_BY_THE_STACK = ("AWS::StackName", "AWS::StackId")


def names(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return every property that gives a resource its name in the account."""
    naming = (
        *("Name", "BucketName", "TableName", "FunctionName", "LogGroupName", "QueueName", "TopicName"),
        "DashboardName",
    )
    found = []
    for key, inner in value.items():
        if key in naming:
            found.append((f"{path}.{key}", inner))
        elif key.endswith(("Config", "Properties")) and isinstance(inner, dict):
            found += names(inner, f"{path}.{key}")
    return found


def test_no_two_stacks_give_a_resource_the_same_name() -> None:
    for logical_id, resource in template()["Resources"].items():
        for path, name in names(resource["Properties"], logical_id):
            assert any(own in str(name) for own in NAMED_BY_THE_STACK), f"{path} is {name} in every stack"
    for workflow in resources("AWS::Serverless::StateMachine").values():
        for event in workflow["Properties"].get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                assert event["Properties"]["OmitName"] is True, "SAM names it by its logical ids alone"


def test_what_keeps_photos_outlives_its_stack_but_for_one_that_never_was() -> None:
    for logical_id, resource in template()["Resources"].items():
        kept = resource["Type"] in KEEPING
        assert resource.get("DeletionPolicy") == ("RetainExceptOnCreate" if kept else None), logical_id
        assert resource.get("UpdateReplacePolicy") == ("Retain" if kept else None), logical_id


@pytest.mark.parametrize("service", ["Rekognition", "Textract"])
def test_a_region_without_a_service_is_refused_before_photos_fail(service: str) -> None:
    session = boto3.Session()
    there = [
        region
        for partition in session.get_available_partitions()
        if partition in {"aws", "aws-us-gov", "aws-cn"}
        for region in session.get_available_regions(service.lower(), partition_name=partition)
    ]
    (rule,) = template()["Rules"][f"{service}IsThere"]["Assertions"]
    elsewhere, here, _off = rule["Assert"]["Fn::Or"]
    assert elsewhere == {"Fn::Contains": [elsewhere["Fn::Contains"][0], {"Ref": "VisionRegion"}]}
    assert here == {
        "Fn::And": [
            {"Fn::Equals": [{"Ref": "VisionRegion"}, ""]},
            {"Fn::Contains": [elsewhere["Fn::Contains"][0], {"Ref": "AWS::Region"}]},
        ]
    }
    assert sorted(elsewhere["Fn::Contains"][0]) == sorted(there)


def statements(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return each statement of the roles of a kind of resource, with the resource's logical id."""
    return [
        (logical_id, statement)
        for logical_id, resource in resources(kind).items()
        for policy in resource["Properties"].get("Policies", [])
        for statement in policy["Statement"]
    ]


def test_whoever_uses_the_table_is_bound_to_records_of_its_own() -> None:
    of_the_table = [
        (logical_id, statement)
        for kind in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
        for logical_id, statement in statements(kind)
        if any(action.startswith("dynamodb:") for action in listed(statement["Action"]))
    ]
    assert of_the_table
    for logical_id, statement in of_the_table:
        keys = [
            key
            for test, condition in statement.get("Condition", {}).items()
            if test.startswith("ForAllValues:")
            for key in condition["dynamodb:LeadingKeys"]
        ]
        assert keys, f"{logical_id} may do {statement['Action']} to any record"
        assert "*" not in keys


def test_no_log_has_what_the_workflows_pass_on() -> None:
    for logical_id, workflow in resources("AWS::Serverless::StateMachine").items():
        assert workflow["Properties"]["Logging"]["IncludeExecutionData"] is False, logical_id


def test_what_is_kept_is_encrypted() -> None:
    for logical_id, resource in template()["Resources"].items():
        properties = resource["Properties"]
        match resource["Type"]:
            case "AWS::S3::Bucket":
                assert "BucketEncryption" in properties, logical_id
            case "AWS::SQS::Queue":
                assert properties["SqsManagedSseEnabled"]["Fn::If"][::2] == ["HasKey", True], logical_id
            case "AWS::SNS::Topic" if logical_id != "Alerts":
                assert properties["KmsMasterKeyId"]["Fn::If"][2] == "alias/aws/sns"


KEYED = {
    "AWS::DynamoDB::Table": "SSESpecification",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::S3::Bucket": "BucketEncryption",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
"""What is encrypted, and the property that names the key."""


def test_a_key_of_the_customer_encrypts_all_that_is_kept_and_who_writes_may_use_it() -> None:
    for kind, name in KEYED.items():
        for logical_id, resource in resources(kind).items():
            told = json.dumps(resource["Properties"][name])
            assert '{"Fn::If": ["HasKey", ' in told, logical_id
            assert '{"Fn::GetAtt": "Key.Arn"}' in told, logical_id
    assert "Key.Arn" in json.dumps(template()["Globals"]["Function"]["KmsKeyArn"])
    policy = template()["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]
    services = {
        it["Principal"]["Service"]["Fn::Sub"].partition(".")[0]
        if isinstance(it["Principal"]["Service"], dict)
        else it["Principal"]["Service"].partition(".")[0]
        for it in policy
        if "Service" in it["Principal"]
    }
    assert services == {"cloudfront", "cloudwatch", "events", "logs"}, "who has no role in the account"
    (own,) = [it for it in policy if it["Sid"] == "WhoeverMayUseAServiceMayUseItThere"]
    bounds = own["Condition"]["StringEquals"]
    assert bounds["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    assert {it["Fn::Sub"].partition(".")[0] for it in bounds["kms:ViaService"]} == {
        *("dynamodb", "s3", "secretsmanager", "sns", "sqs")
    }
    for statement in policy:
        if statement["Principal"] == {"AWS": "*"}:
            assert "kms:CallerAccount" in statement["Condition"]["StringEquals"], statement["Sid"]


def test_nothing_is_reached_without_tls() -> None:
    held_to_it = set()
    kinds = {
        "AWS::S3::BucketPolicy": "Bucket",
        "AWS::SQS::QueuePolicy": "Queues",
        "AWS::SNS::TopicPolicy": "Topics",
    }
    for kind, subject in kinds.items():
        for policy in resources(kind).values():
            written = policy["Properties"]["PolicyDocument"]["Statement"]
            on_aws = [it["Fn::If"][2] if "Fn::If" in it else it for it in written]
            (tls,) = [it for it in on_aws if it.get("Sid") == "TlsOnly"]
            assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            assert (tls["Effect"], tls["Principal"]) == ("Deny", "*")
            held_to_it |= {it["Ref"] for it in listed(policy["Properties"][subject])}
    reached = {"AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"}
    assert held_to_it == {name for kind in reached for name in resources(kind)}


def test_somebody_hears_of_every_workflow_that_does_not_end_well() -> None:
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "Alerts"}]
    rule = resources("AWS::Events::Rule")["WorkflowDidNotEndWell"]["Properties"]
    machines = resources("AWS::Serverless::StateMachine")
    photos = machines["FailureWorkflow"]["Properties"]["Events"]["PhotoFailed"]["Properties"]["Pattern"]
    told: list[str] = []
    for pattern in (rule["EventPattern"], photos):
        assert pattern["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
        named = [it["Fn::If"][1] if "Fn::If" in it else it for it in pattern["detail"]["stateMachineArn"]]
        told += [it["Ref"] for it in named]
    waited_for = {it["Ref"] for it in substituted_machines(machines)}
    assert sorted([*told, *waited_for]) == sorted(machines), "whoever waits for one fails with it"
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Ref": "Alerts"}
    said = resources("AWS::SNS::TopicPolicy")["AlertsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (may,) = [it for it in said if it["Principal"] == {"Service": "events.amazonaws.com"}]
    assert "Condition" not in may, "EventBridge names no account to SNS, so that a condition would never hold"


def substituted_machines(machines: dict[str, Any]) -> list[dict[str, str]]:
    """Return the workflows that others begin with startExecution.sync, and wait for."""
    values = [
        value["Fn::If"][1] if "Fn::If" in value else value
        for it in machines.values()
        for value in it["Properties"]["DefinitionSubstitutions"].values()
    ]
    return [value for value in values if isinstance(value, dict) and value.get("Ref") in machines]


def test_nothing_of_mediaconvert_is_in_a_stack_that_does_not_use_it() -> None:
    conditional = {name for name, it in template()["Resources"].items() if it.get("Condition") == "Converts"}
    assert conditional == {"ConvertWorkflow", "ConverterRole", "AdoptPolicy"}
    assert template()["Parameters"]["MediaConvertMinutes"]["Default"] == 0
    assert template()["Conditions"]["Converts"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "MediaConvertMinutes"}, 0]}]
    }
    others = {name: it for name, it in template()["Resources"].items() if name not in conditional}
    text = json.dumps(without(others, "Converts"))
    assert not [name for name in (*conditional, "mediaconvert:", "mediaconvert.") if name in text]


def without(value: Any, condition: str) -> Any:
    """Return a part of the template as it is where `condition` does not hold."""
    match value:
        case {"Fn::If": [name, _, otherwise]} if name == condition:
            return without(otherwise, condition)
        case dict():
            return {name: without(member, condition) for name, member in value.items()}
        case list():
            return [without(member, condition) for member in value]
    return value


def test_mediaconvert_is_refused_on_the_laptop() -> None:
    rule = template()["Rules"]["MediaConvertIsOnAws"]
    assert rule["RuleCondition"] == template()["Conditions"]["Converts"]
    assert [it["Assert"] for it in rule["Assertions"]] == [{"Fn::Equals": [{"Ref": "LaptopPort"}, 0]}]


COUNTED = {
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ["QueueName"],
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ["QueueName"],
    ("AWS/Lambda", "Throttles"): ["FunctionName"],
    ("AWS/DynamoDB", "WriteThrottleEvents"): ["TableName"],
    ("Safelight", "SecondsToActive"): ["service"],
    ("Safelight", "OwedTags"): ["service"],
    ("Safelight", "AgeOfOldestPhoto"): ["service"],
}
"""What alarms look at: AWS's by the user guide of each service, ours as `notify`, `tag` and `mend` count.

An alarm on a name or a dimension that nobody counts by is quiet for ever, and the embedded CloudWatch, which
goes by the name of a metric alone, would not tell.
"""


def test_alarms_look_at_what_is_counted() -> None:
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        told = alarm["Properties"]
        metric = (told["Namespace"], told["MetricName"])
        assert [it["Name"] for it in told["Dimensions"]] == COUNTED[metric], name
        assert ("Statistic" in told) != ("ExtendedStatistic" in told), name
        assert told["TreatMissingData"] == "notBreaching", name
    for alarm in resources("AWS::CloudWatch::Alarm").values():
        if alarm["Properties"]["Namespace"] == "Safelight":
            (service,) = alarm["Properties"]["Dimensions"]
            for name in ("NotifyFunction", "TagFunction", "MendFunction"):
                counting = resources("AWS::Serverless::Function")[name]["Properties"]["Environment"]
                assert service["Value"] == counting["Variables"]["STACK"]


def test_the_dashboard_is_one_that_cloudwatch_shows() -> None:
    ((body, _),) = [
        it["Properties"]["DashboardBody"]["Fn::Sub"]
        for it in resources("AWS::CloudWatch::Dashboard").values()
    ]
    named = re.findall(r"\$\{([A-Za-z]+)", body)
    assert set(named) <= {*template()["Resources"], "AWS", "DistributionId"}
    for widget in json.loads(body)["widgets"]:
        assert widget["x"] + widget["width"] <= 24
        for metric in widget["properties"]["metrics"]:
            assert len(metric) % 2 == 1, "a namespace, a metric, pairs of dimensions, and how it is shown"


def test_an_environment_that_is_protected_is_watched() -> None:
    settings = tomllib.loads((REPOSITORY / "samconfig.toml").read_text())
    overrides = settings["production"]["deploy"]["parameters"]["parameter_overrides"].split()
    assert "DeletionProtection=on" in overrides
    rule = template()["Rules"]["SomebodyHears"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "DeletionProtection"}, "on"]}
    assert [it["Assert"] for it in rule["Assertions"]] == [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlertEmail"}, ""]}]}
    ]
    for name in ("default", "production"):
        assert f"environment={name}" in settings[name]["deploy"]["parameters"]["tags"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_parameter_that_is_a_size_fits_what_reads_it() -> None:
    timeout = resources("AWS::Serverless::Function")["ValidateFunction"]["Properties"]["Timeout"]
    largest = template()["Parameters"]["MaxFileMegabytes"]["MaxValue"]
    assert largest / timeout < 20, "MB/s, of which Lambda gives 75 and its neighbours take a share"
    assert largest < template()["Parameters"]["StorageMegabytes"]["Default"]


def test_a_runtime_that_does_not_work_on_aws_is_for_the_laptop() -> None:
    rule = template()["Rules"]["RuntimeHasARecentCLibrary"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "LaptopPort"}, 0]}
    (assertion,) = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "PythonRuntime"}, "python3.11"]}]}
