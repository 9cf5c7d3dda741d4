"""What is ordered and planned decides nothing: it may suggest options and next steps."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.fhir.suggestion import Question
from tests.fhir.records import Json, about, aside, concept, condition, patient
from tests.fhir.records import suggested as _suggested

HFS = condition("G51.32")


def order(text: str, kind: str = "ServiceRequest", **more: Any) -> Json:
    return {"resourceType": kind, "status": "active", "intent": "order", "subject": about(), "code": {"text": text},
            **more}  # fmt: skip


def plan(*details: Json, **more: Any) -> Json:
    return {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": about(),
            "activity": [{"detail": one} for one in details], **more}  # fmt: skip


def suggested(*resources: Json, **given: Any) -> Any:
    return _suggested(patient(), HFS, *resources, given=given)


def options(*resources: Json) -> tuple[str, ...]:
    found = suggested(*resources)
    assert "options" not in found.data
    return next(one for one in found.questions if one.key == "options").choices


def test_an_order_suggests_an_option_by_its_name_and_decides_none() -> None:
    assert options(order("Botulinum toxin injection")) == ("botox",)
    assert options(order("Microvascular-decompression, left")) == ("microvascular-decompression",)
    assert options(order("MRI of the brain")) == ()


@pytest.mark.parametrize("text", ["radiosurgery", "Gamma knife radiosurgery planning"])
def test_names_count_in_whole_words(text: str) -> None:
    assert options(order(text)) == ("radiosurgery",)
    assert options(order(text.replace("radio", "postradio"))) == ()


def test_no_order_suggests_doing_nothing_or_a_group_of_medicines() -> None:
    assert options(order("No treatment")) == ()
    assert options(order("Medicines")) == ()


def test_the_question_is_settled_by_who_says_what_was_talked_about() -> None:
    assert not [one for one in suggested(order("Botox"), options=["botox"]).questions if one.key == "options"]


def test_a_procedure_ahead_suggests_and_one_that_is_over_does_not() -> None:
    assert options(order("Botox", "Procedure", status="preparation")) == ("botox",)
    done = order("Botox", "Procedure", status="completed")
    assert options(done) == ()
    assert "Procedure: done, or not to be done" in aside(patient(), HFS, done)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": "completed"}, "not active"),
        ({"status": "draft"}, "not active"),
        ({"status": "revoked"}, "not active"),
        ({"intent": "proposal"}, "neither an order nor a plan"),
        ({"doNotPerform": True}, "it says that something is not to be done"),
        ({"doNotPerform": "perhaps"}, "its element doNotPerform is not as R4 has it"),
    ],
)
def test_an_order_that_does_not_hold_is_set_aside(more: Json, why: str) -> None:
    assert options(order("Botox", **more)) == ()
    assert f"ServiceRequest: {why}" in aside(patient(), HFS, order("Botox", **more))


def test_orders_and_what_a_plan_has_ahead_are_steps_to_choose_from() -> None:
    found = suggested(
        order("MRI of the brain"),
        order("MRI of the brain"),
        plan({"status": "scheduled", "code": {"text": "Hearing test"}}, {"description": "Keep a diary"},
             {"status": "completed", "code": {"text": "Blood test"}},
             {"status": "not-started", "doNotPerform": True, "code": {"text": "No driving"}}),
    )  # fmt: skip
    assert found.steps == ("MRI of the brain", "Hearing test", "Keep a diary")
    assert "next_steps" not in found.data


def test_steps_that_are_given_are_not_suggested() -> None:
    assert suggested(order("MRI"), next_steps=["Call us"]).steps == ()


def test_a_code_of_treatments_counts_exactly() -> None:
    from handouts.fhir.orders import fitting_options
    from handouts.model.topic_file import TopicFile
    from tests.fhir.records import TOPICS

    file = TOPICS["hemifacial-spasm"]
    codes = file.codes.model_copy(update={"treatments": {"microvascular-decompression": ("61458",)}})
    coded: TopicFile = file.model_copy(update={"codes": codes})
    assert fitting_options([concept("61458", system="http://www.ama-assn.org/go/cpt")], coded) == (
        "microvascular-decompression",
    )
    assert fitting_options([concept("614580")], coded) == ()
    assert fitting_options([concept("61458")], None) == ()


def test_no_text_of_an_order_is_in_a_question() -> None:
    found = suggested(order("Xanthippe wants Botox"))
    assert all("Xanthippe" not in str(one) + repr(one) for one in found.questions)
    assert isinstance(found.questions[0], Question)
