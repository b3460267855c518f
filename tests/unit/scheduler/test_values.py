"""What a database refuses is replaced, and nothing else."""

import json

from hypothesis import given
from hypothesis import strategies as st

from scheduler.store.values import storable, storable_json

TEXTS = st.text(alphabet=st.sampled_from('\x00\\u0"a\n'))


@given(TEXTS)
def test_the_members_of_a_document_lose_their_nul_characters_alone(text: str) -> None:
    assert json.loads(storable_json(json.dumps([text, {text: 1}]))) == [storable(text), {storable(text): 1}]
