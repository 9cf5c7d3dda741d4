"""Sentences as editors judge them: what is wrong with each, or nothing.

Two editors, both language models, gave their verdicts before the program was asked and without seeing each other's;
the two sentences of 93 on which they differed are left out. Half of them look like a mistake and are none. The first
of each group are from a review of what the gates once judged wrongly.
"""

from __future__ import annotations

import pytest

from handouts.check.wording import flaws

SHARE, PRAISE, FEAR, DOSE, LONG, HARD, SHOUT = (
    "'1 in x'", "selling words", "frightening words", "dose notation", "longest sentence", "long words",
    "block capitals",
)  # fmt: skip

WRONG = {
    SHARE: """
        It helps 9 in 10.
        It helps 1 in 8 people.
        It comes back in one in five.
        Nine of every ten people go home the next day.
        Half of people feel better.
        About a third of patients need it again.
        Two thirds of those have no pain after a year.
        One out of ten people gets a rash.
        Every second person sleeps badly.
        It is a fifty-fifty chance.
        8 of 10 people had no pain.
        """,
    PRAISE: """
        This is the gold standard.
        It is a proven treatment.
        The operation is safe.
        Botox is a safe and simple treatment.
        It can be done safely in any hospital.
        Surgery is the best treatment.
        It cures the spasm.
        This is a state-of-the-art device.
        It gives durable relief.
        The results are superior to those of medicine.
        We guarantee that you feel better.
        There is no cure, but this miracle helps.
        It is the most effective operation.
        Our surgeons get excellent results.
        """,
    FEAR: """
        It can be a deadly bleed.
        Some call it the suicide disease.
        A stroke is a catastrophe for the whole family.
        """,
    DOSE: """
        Take 5.0 mg at night.
        Take .5 mg at night.
        Start with 10mg a day.
        Take 1000 mg at noon.
        Take 100 µg in the morning.
        Take 1 tablet q.d. with food.
        Take it b.i.d. for a week.
        Take 2 tablets/day.
        Inject 10 U under the skin.
        Take 5 ml twice a day.
        Take 1 tablet x 3 days.
        Take ½ tablet at bedtime.
        You may take up to a total of 2000 mg.
        """,
    HARD: """
        Complementary rehabilitation
        Individual anticoagulation evaluation
        Neurovascular decompression necessitates radiological evaluation.
        """,
    SHOUT: "You MUST rest.\nNEVER stop this medicine by yourself.",
    LONG: """
        When you get home you can eat and drink as you like, but do not lift more than a bag of sugar for a week.
        Ask a friend to drive you home and to stay with you for the night, since you may feel faint and sick.
        """,
}

WELL = """
    This is page 1 of 9.
    It is one of your options.
    A study in 2019 looked at this.
    Of 100 people in one hospital, 9 had pain again.
    Call us on 020 7946 0123.
    Call 555-0123 at any hour.
    Your blood pressure should be under 140/90 mmHg.
    Your CHA2DS2-VASc score helps us to choose.
    Come at 8am on Monday.
    Go to A&E at once.
    If your pain is 7 out of 10 or worse, call us.
    Come back in 3 to 6 months.
    Take one in the morning and one at night.
    Wash it with 2% chlorhexidine solution.
    COVID-19 can make it worse.
    Write to P.O. Box 12, Sampleton.
    There is no cure.
    It is not deadly.
    Which is the most effective one for me?
    Some people think of suicide: call us at once.
    A cure has not been found.
    It is not proven that this helps.
    Is it safe to fly?
    Ask us if it is safe for you.
    With baclofen, it is safest to drink no alcohol.
    Keep the tablets in a safe place.
    Do not drive until it is safe to do so.
    Which is the best time to call?
    Choose what is best for you.
    Take a heart medicine every day.
    Take 0.5 mg at night.
    Take 1,000 mg in the morning and at night.
    Take 1 tablet 2 times a day.
    Drink 2 liters a day.
    Walk for 10 minutes 3 times a day.
    It helps 91 out of 100 people.
    Apples, bread, cheese, eggs, rice
    Vegetables
    Information about your operation
    Half of it may stay.
    The first 2 weeks are the hardest.
    You can have an MRI scan with it.
    We see you in 6 weeks and in 12 months.
    """


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def test_there_are_sixty_of_them_and_more():
    told = [sentence for text in (*WRONG.values(), WELL) for sentence in lines(text)]
    assert len(told) == len(set(told)) >= 90


@pytest.mark.parametrize(("gate", "sentence"), [(gate, each) for gate, text in WRONG.items() for each in lines(text)])
def test_what_an_editor_would_strike_is_found_and_nothing_else(gate, sentence):
    assert [found.gate for found in flaws(sentence)] == [gate]


@pytest.mark.parametrize("sentence", lines(WELL))
def test_what_an_editor_would_leave_is_left(sentence):
    assert list(flaws(sentence)) == []
