"""Requests in layers."""

from __future__ import annotations

from handouts.load.layers import lay_over


def test_mappings_are_laid_over_key_by_key_and_lists_replaced_whole() -> None:
    under = {"options": ["a", "b"], "patient": {"name": "x", "identifier": "1"}, "paper": "a4"}
    over = {"options": ["c"], "patient": {"name": "y"}}
    assert lay_over(under, over) == {"options": ["c"], "patient": {"name": "y", "identifier": "1"}, "paper": "a4"}


def test_nothing_replaces_nothing() -> None:
    assert lay_over({"note": "kept"}, {"note": None, "side": None}) == {"note": "kept", "side": None}


def test_neither_layer_is_changed() -> None:
    under, over = {"patient": {"name": "x"}}, {"patient": {"name": "y"}}
    lay_over(under, over)
    assert (under, over) == ({"patient": {"name": "x"}}, {"patient": {"name": "y"}})


def test_a_value_of_another_kind_replaces_the_one_below() -> None:
    assert lay_over({"patient": {"name": "x"}}, {"patient": "y"}) == {"patient": "y"}
