"""The JSON Schemas that an editor uses."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from handouts.authoring.schema import MODELS, schemas, write
from handouts.paths import ROOT

CONTENT = ROOT / "content"


def _errors(name: str, data: object) -> list[str]:
    schema = json.loads((CONTENT / "schema" / f"{name}.json").read_text())
    plain = json.loads(json.dumps(data, default=lambda value: value.isoformat() if isinstance(value, date) else None))
    return [error.message for error in Draft202012Validator(schema).iter_errors(plain)]


def test_the_schemas_in_the_repository_are_those_of_the_models():
    for name, text in schemas().items():
        assert (CONTENT / "schema" / name).read_text() == text, "renew them: python -m handouts.authoring.schema"


def test_writing_makes_one_file_a_model(tmp_path: Path):
    write(tmp_path / "schema")
    assert sorted(path.stem for path in (tmp_path / "schema").iterdir()) == sorted(MODELS)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("topic", "topics/*/topic.yaml"),
        ("clinic", "clinics/*/clinic.yaml"),
        ("words", "words/[!m]*.yaml"),
        ("mail", "words/mail.*.yaml"),
        ("settings", "settings.yaml"),
        ("preset", "clinics/*/presets/*.yaml"),
    ],
)
def test_every_yaml_file_that_ships_fits_its_schema(name: str, pattern: str):
    files = sorted(CONTENT.glob(pattern))
    assert files
    for path in files:
        assert _errors(name, yaml.safe_load(path.read_text())) == [], path.name


def test_the_front_matter_of_every_file_fits_its_schema():
    kinds = {"overview": "overview", "takeaways": "title", "medicine-safety": "medicine-safety"}
    part = {"choice": "option", "instructions": "instruction"}
    files = sorted(CONTENT.glob("topics/*/en/**/*.md"))
    assert any(path.parent.name == "medicines" for path in files)
    for path in files:
        topic = next(parent for parent in path.parents if parent.parent.name == "topics")
        kind = yaml.safe_load((topic / "topic.yaml").read_text()).get("kind", "choice")
        name = "medicine" if path.parent.name == "medicines" else kinds.get(path.stem, part[kind])
        front = path.read_text().split("---")[1]
        assert _errors(name, yaml.safe_load(front)) == [], path.name


def test_the_example_request_fits_and_a_wrong_key_does_not():
    request = yaml.safe_load((ROOT / "examples" / "request.yaml").read_text())
    assert _errors("request", request) == []
    assert any("optoins" in message for message in _errors("request", request | {"optoins": []}))


def test_each_yaml_file_names_a_schema_that_is_there():
    for path in [*CONTENT.rglob("*.yaml")]:
        first = path.read_text().splitlines()[0]
        if "$schema=" in first:
            assert (path.parent / first.split("$schema=")[1].strip()).is_file(), path.name


def test_an_editor_marks_a_harm_that_is_neither_a_number_nor_true():
    front = yaml.safe_load((CONTENT / "topics" / "hemifacial-spasm" / "en" / "botox.md").read_text().split("---")[1])
    for wrong in (False, 12, ["a"]):
        assert _errors("option", front | {"harms": [{"what": "pain", "passes": wrong}]})
    for right in (True, "botox-ptosis", None):
        assert _errors("option", front | {"harms": [{"what": "pain", "passes": right}]}) == []
