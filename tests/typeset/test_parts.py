"""An answer in parts: what stands together on a page."""

from handouts.model.prose import Block, Figure, Items, Paragraph, Run
from handouts.typeset.parts import Part, parts

ONE, TWO, THREE = (Paragraph((Run(text),)) for text in ("One.", "Two.", "Three."))
LIST = Items(((Run("a"),), (Run("b"),)))
EAR, NERVE = (Figure(name, "A drawing.", ()) for name in ("ear", "nerve"))


def _words(*blocks: Block) -> list[tuple[Block, ...]]:
    return [part.words for part in parts(blocks)]


def test_a_short_answer_is_one_part():
    assert _words(ONE, TWO) == [(ONE, TWO)]


def test_an_answer_of_three_blocks_may_be_broken_between_them():
    assert _words(ONE, TWO, THREE) == [(ONE,), (TWO,), (THREE,)]


def test_a_lead_in_stays_with_its_list():
    assert _words(ONE, LIST, TWO, THREE) == [(ONE, LIST), (TWO,), (THREE,)]


def test_a_list_alone_is_a_part():
    assert _words(LIST, ONE, TWO) == [(LIST,), (ONE,), (TWO,)]


def test_a_drawing_stands_beside_the_words_before_it():
    assert parts((ONE, EAR, TWO, NERVE)) == (Part((ONE,), EAR), Part((TWO,), NERVE))


def test_of_many_words_the_last_stand_beside_the_drawing():
    assert parts((ONE, TWO, THREE, EAR)) == (Part((ONE,)), Part((TWO,)), Part((THREE,), EAR))


def test_a_paragraph_after_the_last_drawing_stands_beside_it_too():
    assert parts((ONE, EAR, TWO)) == (Part((ONE,), EAR, (TWO,)),)


def test_longer_words_after_the_last_drawing_stand_below_it():
    assert parts((ONE, EAR, TWO, LIST, THREE)) == (Part((ONE,), EAR), Part((TWO, LIST)), Part((THREE,)))


def test_a_drawing_without_words_is_a_part_of_its_own():
    assert parts((EAR, NERVE)) == (Part((), EAR), Part((), NERVE))


def test_a_question_without_an_answer_is_printed():
    assert parts(()) == (Part(()),)
