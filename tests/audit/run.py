"""Audits what is deployed with cfn-lint, checkov and pip-audit: `make audit`.

The first two see the template as SAM transforms it. What checkov finds must be what docs/security.md
answers, and nothing in there may be outdated. The last asks for known faults of what is built in.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from contract.definitions import REPOSITORY
from contract.test_template_regions import REGIONS
from safelight_local.cloud.environments import environment

SECURITY = REPOSITORY / "docs" / "security.md"


def answered() -> set[tuple[str, str]]:
    """Return the findings that the documentation gives a reason for: the check, and the resource or `all`."""
    rows = re.findall(r"^\| `(CKV\w+)` \| (.*?) \|", SECURITY.read_text(), re.MULTILINE)
    return {(check, name) for check, names in rows for name in re.findall(r"`(\w+)`", names) or ["all"]}


def found(template: Path) -> set[tuple[str, str]]:
    """Return what checkov finds, by check and resource."""
    command = [str(environment("checkov") / "checkov"), "--quiet", "--output", "json"]
    command += ["--framework", "cloudformation", "--file", str(template)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    checks = json.loads(ran.stdout)["results"]["failed_checks"]
    return {(check["check_id"], check["resource"].rpartition(".")[2]) for check in checks}


def asked_about() -> tuple[list[str], int, int]:
    """Return the known faults of what is built in, how many packages that are, and how many were asked about.

    Of no package can be asked where PyPI's database is out of reach.
    """
    locks = [*sorted(REPOSITORY.glob("functions/*/requirements.txt")), REPOSITORY / "layer/requirements.txt"]
    pinned = {line.split()[0] for lock in locks for line in lock.read_text().splitlines() if "==" in line}
    command = [
        str(environment("audit") / "pip-audit"),
        "--require-hashes",
        "--disable-pip",
        "--format",
        "json",
    ]
    command += ["--progress-spinner", "off", *(f"--requirement={lock}" for lock in locks)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = json.loads(ran.stdout)["dependencies"]
    except ValueError:
        return [], len(pinned), 0
    asked = {it["name"]: it for it in told if "vulns" in it}
    faults = [
        f"{name} {it['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none yet'}"
        for name, it in asked.items()
        for fault in it["vulns"]
    ]
    return faults, len(pinned), len(asked)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "template.json")
        python = environment("sam") / "python"
        transform = Path(__file__).with_name("transform.py")
        subprocess.run([python, transform, REPOSITORY, template], check=True)
        lint = [str(environment("sam") / "cfn-lint"), "--regions", *REGIONS, "--", str(template)]
        linted = subprocess.run(lint, check=False).returncode == 0
        findings, reasons = found(template), answered()
    everywhere = {check for check, name in reasons if name == "all"}
    open_ = {it for it in findings - reasons if it[0] not in everywhere}
    stale = {it for it in reasons - findings if it[1] != "all"} | {
        (check, "all") for check in everywhere - {check for check, _ in findings}
    }
    for check, name in sorted(open_):
        print(f"{check} finds {name}: mend it, or answer it in {SECURITY.relative_to(REPOSITORY)}.")
    for check, name in sorted(stale):
        print(f"{check} finds {name} no longer: take it out of {SECURITY.relative_to(REPOSITORY)}.")
    print(f"{len(findings)} findings of checkov, {len(findings) - len(open_)} of them answered.")
    faults, pinned, asked = asked_about()
    print(*faults, f"{len(faults)} known faults of {asked} packages out of {pinned}.", sep="\n")
    if asked < pinned:
        print("The database of faults did not answer for the others; where there is no network, for none.")
    sys.exit(bool(open_ or stale or faults or not linted))


if __name__ == "__main__":
    main()
