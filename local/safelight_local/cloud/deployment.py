"""Builds and deploys the template with the real SAM command line tool, to the embedded cloud.

What is deployed is the template, the workflows and the code that go to AWS, built by the same
`sam build`. One thing is rewritten in the *built* copy: each function gets the runtime
`provided.al2023` and a `bootstrap` that runs Lambda's own Python runtime client, so that the functions
of the embedded AWS are real Lambda runtime processes, with real error names, crashes and timeouts. They
run from the built artifacts where these lie: packed, sent, kept in memory and unpacked for each process,
they would be half a gigabyte each time.
"""

import hashlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import yaml
from uv import find_uv_bin

from safelight import presets
from safelight_data.home import REPOSITORY, having, home
from safelight_library.library import Library
from safelight_local.cloud.cloud import Cloud
from safelight_local.cloud.environments import environment
from safelight_local.cloud.problems import DeployProblem
from safelight_local.web import publish

STACK_NAME = "safelight"
_SCANNER = "/run/clamav/clamd.ctl"
"""Where the packages of ClamAV put the socket of its daemon."""
_ARTIFACTS_BUCKET = "safelight-artifacts"
_BOOTSTRAPS = "bootstraps"
_BUILDS = 3
"""So many builds are kept, those that were deployed last."""

_OF_THIS_MACHINE = frozenset({"Architecture", "LaptopPort", "PythonRuntime"})
_HERE = "local/safelight_local/cloud/deployment.py"
_SOURCES = ("template.yaml", "samconfig.toml", "functions", "layer", "requirements/lambda.txt", _HERE)


def local_parameters() -> dict[str, str]:
    """Return the template parameters that differ on this machine.

    Its Python, its processor and its number of cores are what they are. The local vision service is less
    sure of what it rightly sees than Rekognition is, so that less must do. What costs money on AWS is free
    here, and stays on the machine.
    """
    return {
        "PythonRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Architecture": "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64",
        "PhotosAtOnce": str(os.cpu_count() or 1),
        "RenditionsAtOnce": str(max(2, min(os.cpu_count() or 2, 8))),
        "FilmPartsAtOnce": str(max(1, min((os.cpu_count() or 1) // 4, 4))),  # each has several threads
        "PartsAtOnce": str(max(2, min(os.cpu_count() or 2, 8))),
        "MinLabelConfidence": "50",
        "Faces": "on",
        "SceneText": "on",
        "Moderation": "on",
        "ScannerSocket": _SCANNER if _answers(_SCANNER) else "off",
    }


def _answers(daemon: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(daemon) == 0


def build() -> Path:
    """Build every function and the layer for this machine, and return the folder with the built template.

    Nothing is built again while the sources, the requirements and the Python version stay the same. The
    functions of the embedded AWS run what lies in the folder, so that it is another one for other sources,
    and what a running cloud has stays for a while.

    Raises:
        DeployProblem: `sam build` failed, with its own words in the message; or the template does not allow
            the presets that there are.
        ToolMissing: an environment could not be made.
    """
    built = home() / "builds" / _identity()
    finished = built / "finished"
    with having(built.parent) as lock:
        if not finished.exists():
            shutil.rmtree(built, ignore_errors=True)
            sam(
                "build",
                *("--template-file", str(REPOSITORY / "template.yaml"), "--build-dir", str(built)),
                *("--parallel", "--beta-features"),
                *("--parameter-overrides", *_overrides(local_parameters())),
                lock=lock,
            )
            _use_the_runtime_client(built)
        finished.touch()
        forget_older_builds(built.parent)
    _check_allowed_presets(built)
    return built


def forget_older_builds(builds: Path) -> None:
    """Delete all but the builds that were used last; what SAM itself keeps beside them stays."""
    for older in sorted(filter(Path.is_dir, builds.iterdir()), key=_last_use)[:-_BUILDS]:
        shutil.rmtree(older)


def _last_use(built: Path) -> float:
    finished = built / "finished"
    return finished.stat().st_mtime if finished.exists() else 0


class _Values(yaml.SafeLoader):
    """Reads a template without what its functions give."""


_Values.add_multi_constructor("!", lambda _loader, _name, _node: None)


def template_parameters() -> dict[str, dict[str, Any]]:
    """Return the parameters of the template, by name, as they are declared there."""
    template: dict[str, Any] = yaml.load((REPOSITORY / "template.yaml").read_text(), _Values)  # noqa: S506
    declared: dict[str, dict[str, Any]] = template["Parameters"]
    return declared


def check_parameters(parameters: Mapping[str, str]) -> None:
    """Return if the template has these parameters for one to choose, and the preset is there.

    Which values a parameter takes is CloudFormation's to say, at the deployment.

    Raises:
        DeployProblem: it does not, or there is no such preset, or the file of presets is wrong.
    """
    known = sorted(template_parameters().keys() - _OF_THIS_MACHINE)
    for name in parameters:
        if name in _OF_THIS_MACHINE:
            raise DeployProblem(f"{name} is as this machine is. Leave it out.")
        if name not in known:
            near = get_close_matches(name, known, 1, cutoff=0.5)
            raise DeployProblem(
                f"The template has no parameter {name}. "
                + (f"Did you mean {near[0]}?" if near else f"It has {', '.join(known)}.")
            )
    if "Preset" in parameters:
        _check_preset(parameters["Preset"])


def _check_preset(name: str) -> None:
    try:
        known = presets.load().presets
    except presets.PresetProblem as problem:
        raise DeployProblem(str(problem)) from problem
    if name not in known:
        described = "\n".join(f"  {each:<12}{preset.description}" for each, preset in sorted(known.items()))
        raise DeployProblem(f"There is no preset {name}. {presets.FILE} has:\n{described}")


def deploy(cloud: Cloud, **parameters: str) -> None:
    """Build what changed, and deploy it to `cloud` with `sam deploy`, with template parameters of choice.

    Raises:
        DeployProblem: `sam` failed, with its own words in the message; or `check_parameters` refuses them.
        ToolMissing: an environment could not be made.
        FetchFailed: a package of the web app could not be fetched.
    """
    check_parameters(parameters)
    built = build()
    session = session_on(cloud)
    session.client("s3", endpoint_url=cloud.endpoint).create_bucket(Bucket=_ARTIFACTS_BUCKET)
    parameters = {
        **local_parameters(),
        "LaptopPort": cloud.endpoint.rpartition(":")[2],
        **parameters,
    }
    sam(
        "deploy",
        *("--template-file", str(built / "template.yaml"), "--stack-name", STACK_NAME),
        *("--s3-bucket", _ARTIFACTS_BUCKET, "--capabilities", "CAPABILITY_IAM"),
        *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar", "--no-resolve-s3"),
        *("--parameter-overrides", *_overrides(parameters)),
        cloud=cloud,
    )
    _delete_old_artifacts(session, cloud)
    publish(library_on(cloud))
    urlopen(Request(f"{cloud.endpoint}/_safelight/checkpoint", method="POST"), timeout=300).close()  # noqa: S310


def _delete_old_artifacts(session: boto3.Session, cloud: Cloud) -> None:
    """Delete what earlier deployments put into the bucket of artifacts."""
    s3 = session.client("s3", endpoint_url=cloud.endpoint)
    cloudformation = session.client("cloudformation", endpoint_url=cloud.endpoint)
    in_use = str(cloudformation.get_template(StackName=STACK_NAME)["TemplateBody"])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=_ARTIFACTS_BUCKET):
        for artifact in page.get("Contents", []):
            if artifact["Key"] not in in_use:
                s3.delete_object(Bucket=_ARTIFACTS_BUCKET, Key=artifact["Key"])


def chosen_parameters(library: Library) -> dict[str, str]:
    """Return the stack's parameters that are not the template's defaults, whoever chose them and when."""
    template = library.client("cloudformation").get_template_summary(StackName=STACK_NAME)
    defaults = {it["ParameterKey"]: it.get("DefaultValue") for it in template["Parameters"]}
    (stack,) = library.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {
        it["ParameterKey"]: it["ParameterValue"]
        for it in stack["Parameters"]
        if it["ParameterValue"] != defaults.get(it["ParameterKey"])
    }


def library_on(cloud: Cloud, stack: str = STACK_NAME) -> Library:
    """Return the library of a stack on the embedded `cloud`.

    Raises:
        StackNotFound: nothing is deployed there.
    """
    return Library(session_on(cloud), stack, cloud.endpoint, cloud.vision_endpoint)


def session_on(cloud: Cloud) -> boto3.Session:
    """Return a session of the administrator of the embedded `cloud`."""
    environment = cloud.environment()
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )


def validate() -> None:
    """Let `sam validate --lint` check the template.

    Raises:
        DeployProblem: it found a fault; its own words are in the message.
    """
    sam("validate", "--lint", "--template-file", str(REPOSITORY / "template.yaml"))


def _check_allowed_presets(built: Path) -> None:
    template: dict[str, Any] = yaml.safe_load((built / "template.yaml").read_text())
    allowed = template["Parameters"]["Preset"]["AllowedValues"]
    names = sorted(presets.load().presets)
    if sorted(allowed) != names:
        raise DeployProblem(
            f"{presets.FILE} has the presets {', '.join(names)}, and template.yaml allows "
            f"{', '.join(sorted(allowed))}. Write under its parameter Preset: "
            f"AllowedValues: [{', '.join(names)}]"
        )


def _overrides(parameters: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in parameters.items()]


def _identity() -> str:
    digest = hashlib.sha256(platform.python_version().encode() + str(home()).encode())
    for source in _SOURCES:
        path = REPOSITORY / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def sam(command: str, *arguments: str, cloud: Cloud | None = None, lock: int | None = None) -> None:
    """Run the SAM command line tool, with uv on its path and `lock` held, aimed at `cloud` or nothing.

    Raises:
        DeployProblem: it failed; its own words are in the message.
    """
    programs = [str(environment("sam")), str(Path(find_uv_bin()).parent), os.environ.get("PATH", "")]
    home().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home()) as scratch:  # sam leaves temporary folders behind
        ran = subprocess.run(  # noqa: S603
            [str(environment("sam") / "sam"), command, *arguments],
            cwd=REPOSITORY,
            env={
                **{name: it for name, it in os.environ.items() if not name.startswith(("AWS_", "SAM_"))},
                **(cloud.environment() if cloud else {"AWS_DEFAULT_REGION": "us-east-1"}),
                "PATH": os.pathsep.join(programs),
                "SAM_CLI_TELEMETRY": "0",
                "TMPDIR": scratch,
                "__SAM_CLI_APP_DIR": str(home() / "sam"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[] if lock is None else [lock],
        )
    log = home() / "logs" / f"sam-{command}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(ran.stdout)
    if ran.returncode != 0:
        ending = "\n".join(ran.stdout.strip().splitlines()[-15:])
        raise DeployProblem(f"sam {command} failed. The end of {log}:\n{ending}")


def _use_the_runtime_client(built: Path) -> None:
    template_file = built / "template.yaml"
    template: dict[str, Any] = yaml.safe_load(template_file.read_text())
    template["Globals"]["Function"]["Runtime"] = "provided.al2023"
    resources: dict[str, dict[str, Any]] = template["Resources"]
    layers = [built / name for name, it in resources.items() if it["Type"] == "AWS::Serverless::LayerVersion"]
    for resource in resources.values():
        if resource["Type"] == "AWS::Serverless::Function":
            artifact = built / resource["Properties"]["CodeUri"]
            bootstrap = built / _BOOTSTRAPS / artifact.name / "bootstrap"
            bootstrap.parent.mkdir(parents=True, exist_ok=True)  # rooms may be shared
            bootstrap.write_text(
                "#!/bin/sh\n"
                f'PYTHONPATH="{":".join([str(artifact), *(str(layer / "python") for layer in layers)])}" '
                f'exec "{environment("lambda") / "python"}" -m awslambdaric "$_HANDLER"\n'
            )
            bootstrap.chmod(0o755)
            resource["Properties"]["CodeUri"] = f"{_BOOTSTRAPS}/{artifact.name}"
    template_file.write_text(yaml.safe_dump(template, sort_keys=False))
