"""Makes the pictures from the code."""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.docs.pictures import chart, floors, flow, race
from tests.docs.pictures.stories import STORIES
from tests.docs.pictures.timelines import timeline

PICTURES: Final[dict[str, Callable[[], str]]] = {
    "chart-moves": chart.moves,
    "chart-guards": chart.guards,
    "floors": floors.diagram,
    "flow-of-an-upsert": flow.diagram,
    "race": race.diagram,
}
"""Generated parts of pages, by name."""

IMAGES: Final[dict[str, Callable[[], str]]] = {
    f"{name}.svg": partial(timeline, story) for name, story in STORIES.items()
}
"""Generated files below ``docs/images``, by name."""
