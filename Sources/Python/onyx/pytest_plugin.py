"""The pytest plugin: the fixture `onyx_case`. pytest finds it by itself once Onyx is installed."""

from __future__ import annotations

import pytest

from .testing import OnyxCase


@pytest.fixture(scope="session")
def onyx_case() -> OnyxCase:
    """`onyx_case(folder)` runs a backend case, `onyx_case.assert_supported(model)` checks the operators of a model."""
    return OnyxCase()
