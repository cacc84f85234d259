"""What is held out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from serac_sft.split import hold_out

GROUPS = st.lists(st.integers(0, 30).map(str), max_size=80)


@given(GROUPS, st.floats(0, 0.5), st.integers(0, 5))
def test_no_function_is_on_both_sides_and_some_stay(groups, share, seed):
    held = hold_out(groups, share, seed)
    inside = {groups[place] for place in held}
    outside = {group for place, group in enumerate(groups) if place not in held}
    assert not inside & outside
    assert outside or not groups
    assert held == hold_out(groups, share, seed)
    if share == 0:
        assert not held


@given(st.integers(10, 400), st.floats(0.01, 0.5))
def test_of_single_functions_the_share_is_held_out(count, share):
    groups = [f"f{number}" for number in range(count)]
    assert len(hold_out(groups, share, 1)) == max(1, min(round(share * count), count - 1))


def test_the_seed_decides_and_the_order_of_the_rows_does_not():
    groups = [f"f{number}" for number in range(100)]
    drawn = [{groups[place] for place in hold_out(groups, 0.1, seed)} for seed in range(4)]
    assert len({frozenset(each) for each in drawn}) > 1
    backwards = groups[::-1]
    assert {backwards[place] for place in hold_out(backwards, 0.1, 0)} == drawn[0]


def test_of_few_samples_none_is_held_out_unless_the_share_is_one_whole():
    groups = [f"f{number}" for number in range(8)]
    assert hold_out(groups, 0.02, 1) == frozenset()
    assert len(hold_out(groups, 0.25, 1)) == 2
    assert hold_out(["a"] * 20, 0.5, 1) == frozenset()


def test_functions_larger_than_the_share():
    assert len(hold_out(["a"] * 10 + ["b"] * 60 + ["c"] * 30, 0.02, 1)) in (0, 10)
    assert len(hold_out([f"f{number // 4}" for number in range(40)], 0.02, 1)) == 4
    assert hold_out(["a"] * 10 + ["b"] * 10, 0.02, 1) == frozenset()
