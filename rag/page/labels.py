"""The words of Gradio's own components, in the language of the browser or as chosen."""

from __future__ import annotations

from typing import Any

from rag.page.words import PAGE


class Labels:
    """Makes components with words in the browser's language, until the reader chooses another."""

    def __init__(self, gradio: Any) -> None:
        self._browser = gradio.I18n()
        self._update = gradio.update
        self._keys: dict[Any, tuple[str, tuple[str, ...]]] = {}

    def __call__(self, make: Any, key: str, *properties: str, **options: Any) -> Any:
        """A component whose `properties` say what `PAGE` has under `key`."""
        made = make(**dict.fromkeys(properties, self._browser(key)), **options)
        self._keys[made] = key, properties
        return made

    @property
    def components(self) -> list[Any]:
        return list(self._keys)

    def speak(self, language: str) -> list[Any]:
        """What changes in each of the components."""
        return [
            self._update(**dict.fromkeys(properties, PAGE[key][language != "de"]))
            for key, properties in self._keys.values()
        ]
