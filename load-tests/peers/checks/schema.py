"""What the daemon says of itself. The HTTP interface is under schemathesis, which makes requests from the OpenAPI document, sound
and broken ones, and holds every answer against it; openapi-spec-validator holds the document against OpenAPI's own schema; the AsyncAPI document is held against AsyncAPI's own schema, and every frame
in PROTOCOL.md against the document."""
import json, os, shutil, subprocess
from pathlib import Path

from lib.daemon import TANDEM
from lib.processes import expect

# Its answer does not end by itself.
ENDLESS = "/api/v1/agents/{agent}/console"
# What is sound by the schema alone may name nobody, so that it is refused; and whoever asks as fast as this is told 429
# before a missing token is.
RULES = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"


def scopes(document):
    """Returns every scope the document names."""
    operations = [operation for path in document["paths"].values() for operation in path.values() if isinstance(operation, dict)]
    return sorted({scope for operation in operations for one in operation.get("security", []) for scope in one.get("bearer", [])})


def every_answer_is_as_the_document_says(daemon):
    program = shutil.which("schemathesis")
    expect(program, "schemathesis is missing: load-tests/setup/install.sh test")
    status, document = daemon.api("/api/openapi.json")
    expect(status == 200, f"the document was answered {status}")
    command = [TANDEM, "token", "api", "schema", *[word for scope in scopes(document) for word in ("--scope", scope)]]
    made = subprocess.run(command, env={**os.environ, **daemon.env}, capture_output=True, text=True, timeout=20)
    expect(made.returncode == 0, f"tandem token api: {made.stderr}")
    command = [program, "run", f"{daemon.url}/api/openapi.json", "--header", f"Authorization: Bearer {made.stdout.strip()}",
               "--phases", "examples,coverage,fuzzing", "--checks", RULES, "--exclude-path", ENDLESS, "--max-examples", "10", "--seed", "1",
               "--request-timeout", "10", "--no-color"]
    done = subprocess.run(command, cwd=daemon.folder, capture_output=True, text=True, timeout=120)
    (daemon.folder / "schemathesis.txt").write_text(done.stdout + done.stderr)
    wrong = [line.strip() for line in done.stdout.splitlines() if line.startswith(("____", "- "))]
    expect(done.returncode == 0, f"schemathesis ended with {done.returncode}: {wrong[:12] or done.stderr[-400:]}")


def the_document_is_openapi(daemon):
    program = shutil.which("openapi-spec-validator")
    expect(program, "openapi-spec-validator is missing: load-tests/setup/install.sh test")
    status, document = daemon.api("/api/openapi.json")
    expect(status == 200, f"the document was answered {status}")
    path = daemon.folder / "openapi.json"
    path.write_text(json.dumps(document))
    done = subprocess.run([program, "--validation-errors", "all", path], capture_output=True, text=True, timeout=60)
    expect(done.returncode == 0, f"{done.stdout[-1500:]}{done.stderr[-400:]}")


def every_frame_of_the_protocol_is_as_the_asyncapi_document_says(daemon):
    root = Path(__file__).resolve().parents[3]
    status, document = daemon.api("/api/asyncapi.json")
    expect(status == 200, f"the document was answered {status}")
    path = daemon.folder / "asyncapi.json"
    path.write_text(json.dumps(document))
    expect((root / "ws/web/node_modules/ajv").is_dir(), "ajv is missing: run npm ci in ws/web")
    done = subprocess.run(["node", "scripts/asyncapi.mjs", path, root / "PROTOCOL.md"], cwd=root / "ws/web",
                          capture_output=True, text=True, timeout=60)
    expect(done.returncode == 0, f"{done.stdout[-1500:]}{done.stderr[-400:]}")


CHECKS = [every_answer_is_as_the_document_says, the_document_is_openapi, every_frame_of_the_protocol_is_as_the_asyncapi_document_says]
