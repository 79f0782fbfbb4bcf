"""Makes the pictures from the code."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.docs.pictures import chart, floors, flow, lifecycle, matrix, race
from tests.docs.pictures.stories import STORIES
from tests.docs.pictures.timelines import timeline

PICTURES: Final[dict[str, Callable[[], str]]] = {
    "lifecycle-matrix": matrix.matrix,
    "chart-moves": chart.moves,
    "chart-guards": chart.guards,
}
"""Generated parts of pages, by name."""

IMAGES: Final[dict[str, Callable[[], str]]] = {
    "lifecycle.svg": lifecycle.picture_of_states,
    "floors.svg": floors.diagram,
    "flow-of-an-upsert.svg": flow.diagram,
    "race.svg": race.diagram,
    **{f"{name}.svg": partial(timeline, story) for name, story in STORIES.items()},
}
"""Generated files below ``docs/images``, by name."""
