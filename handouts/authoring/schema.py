"""JSON Schemas of the YAML files, made from the models, so that an editor can complete and check them.

``python -m handouts.authoring.schema`` writes them to content/schema/. The reader keeps scalars as text and takes an
empty key as not given (`handouts.load.yamlfile`); an editor sees YAML's own types, so the schemas allow both.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from handouts import paths
from handouts.load.collector import FROM
from handouts.load.glossary import Glossary
from handouts.load.library import Settings
from handouts.model.clinic import ClinicFile
from handouts.model.content import Approvals, FigureWords, Words
from handouts.model.document import (
    InstructionHead,
    MedicineHead,
    MedicineSafetyHead,
    OptionHead,
    OverviewHead,
    TitleHead,
)
from handouts.model.language import ORIGIN
from handouts.model.list_map import ListMap
from handouts.model.mailwords import MailWords
from handouts.model.request import Request
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import OwnWords, TopicWords

MODELS: dict[str, type[BaseModel]] = {
    "topic": TopicFile,
    "defaults": TopicWords,
    "topic-words": OwnWords,
    "clinic": ClinicFile,
    "words": Words,
    "mail": MailWords,
    "settings": Settings,
    "list-map": ListMap,
    "request": Request,
    "preset": Request,
    "approvals": Approvals,
    "option": OptionHead,
    "overview": OverviewHead,
    "instruction": InstructionHead,
    "medicine": MedicineHead,
    "medicine-safety": MedicineSafetyHead,
    "title": TitleHead,
    "figures": FigureWords,
    "glossary": Glossary,
}
"""Schema name -> model. The front matter of a Markdown file has the schema of its kind."""
TRANSLATED = (
    "defaults", "topic-words", "words", "mail", "option", "overview", "instruction", "medicine", "medicine-safety",
    "title", "figures",
)  # fmt: skip
"""Those that a translation has too, with what it was made from."""


def schemas() -> dict[str, str]:
    """Every schema as JSON text, by file name."""
    return {f"{name}.json": json.dumps(_schema(name, model), indent=1) + "\n" for name, model in MODELS.items()}


def _schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    made = _as_an_editor_sees_it(model.model_json_schema(by_alias=True))
    if name == "preset":  # a partial request
        made.pop("required", None)
    if name in TRANSLATED:
        told = "Of a translation: the SHA-256 of the English file that it was made from, and marks of its sentences"
        made["properties"] = {FROM: {"type": "string", "pattern": ORIGIN, "description": told}, **made["properties"]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _as_an_editor_sees_it(node: Any) -> Any:
    """Text may look like a number or a date in YAML; an optional key may be left empty."""
    if isinstance(node, list):
        return [_as_an_editor_sees_it(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _as_an_editor_sees_it(value) for key, value in node.items()}
    if made.get("type") == "string":
        made["type"] = ["string", "number"] if "pattern" not in made else "string"
    properties = made.get("properties")
    if isinstance(properties, dict):
        required = made.get("required", [])
        made["properties"] = {
            key: value if key in required else {"anyOf": [value, {"type": "null"}]} for key, value in properties.items()
        }
    return made


def write(folder: Path) -> None:
    """Write every schema into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(paths.ROOT / "content" / "schema")
