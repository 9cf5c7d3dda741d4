"""A diagnosis code stands for a topic, and for a side where it has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handouts.errors import ContentFault
from handouts.load.codes import topic_codes
from handouts.load.everything import require_sound
from handouts.load.library import load_library
from tests.conftest import CONTENT, TOPIC
from tests.topics import CHOICE, CHOICE_FILES, write_topic


def with_codes(content: Path, codes: str) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    path = content / "topics" / CHOICE / "topic.yaml"
    path.write_text(path.read_text(encoding="utf-8") + f"codes:\n  icd10cm:\n    {codes}\n", encoding="utf-8")


def test_the_codes_that_ship_say_topic_and_side() -> None:
    codes = topic_codes(CONTENT)
    assert codes["g51.31"] == {"topic": TOPIC, "side": "right"}
    assert codes["g51.32"] == {"topic": TOPIC, "side": "left"}
    assert codes["g51.3"] == codes["g51.39"] == {"topic": TOPIC}
    assert codes["g50.0"] == {"topic": "trigeminal-neuralgia"}
    assert not {"g51.0", "g51.4", "g50.1", "g24.5"} & codes.keys(), "illnesses that these topics are not for"


def test_a_code_of_two_topics_says_nothing_and_is_told(content: Path) -> None:
    with_codes(content, "G51.31: {}")
    assert "g51.31" not in topic_codes(content)
    assert "g51.32" in topic_codes(content)
    with pytest.raises(ContentFault) as caught:
        require_sound(content, [TOPIC])
    assert "names G51.31, which is a code of dry-eye" in str(caught.value.faults[0])


@pytest.mark.parametrize(
    ("key", "entry", "what"),
    [("rxnorm", "{asprin: 1191}", "medicines"), ("names", "{asprin: [X]}", "medicines"),
     ("treatments", "{surgery: [Y]}", "options")],
)  # fmt: skip
def test_a_name_for_what_a_topic_does_not_have_is_told(content: Path, key: str, entry: str, what: str) -> None:
    path = content / "topics" / TOPIC / "topic.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"(?m)^  {key}:.*(?:\n    .*)*", f"  {key}: {entry}", text), encoding="utf-8")
    with pytest.raises(ContentFault, match=f"'codes.{key}' names [a-z]+, which is none of the topic's {what}"):
        require_sound(content, [TOPIC])


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ("G51.31: {side: left}", r"'codes\.icd10cm\.G51\.31' has the side left, which sides does not name"),
        ("facial spasm:", r"'codes\.icd10cm\.facial spasm' .*"),
    ],
)
def test_a_code_or_side_that_can_not_be_is_told(content: Path, codes: str, told: str) -> None:
    with_codes(content, codes)
    with pytest.raises(ContentFault, match=told):
        load_library(content, CHOICE)


def test_a_topic_that_can_not_be_read_hides_no_other(content: Path) -> None:
    with_codes(content, "H04.12: {}")
    (content / "topics" / CHOICE / "topic.yaml").write_text("a: [", encoding="utf-8")
    assert topic_codes(content) == topic_codes(CONTENT)
