"""What is installed and loaded: checked by checksum, no code in data, licences that are known."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag.config import Config
from rag.embed import convert, packaged
from rag.errors import ModelError

ROOT = Path(__file__).parents[2]
# What runs; tools of development are not passed on.
EXTRAS = ("langchain", "llm", "milvus", "ray", "serve")

# SPDX names of licences that let everybody use, change and pass on. Weak copyleft (MPL, LGPL)
# asks for changes of those files only.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause",
    "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-2.1-or-later", "MIT", "MIT-0", "MIT-CMU",
    "MPL-1.1", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
CALLED = {  # what packages write in place of the SPDX name
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "OSI Approved :: Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "The BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
ELSEWHERE = {"milvus-lite": "Apache-2.0"}  # told by each source file, and not by the package


def installed() -> dict[str, metadata.Distribution]:
    """All packages that the run-time extras bring with them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for name in EXTRAS for line in extras[name])]
    found: dict[str, metadata.Distribution] = {}
    queue, seen = [Requirement(line) for line in wanted], set[str]()
    while queue:
        requirement = queue.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        try:
            found[canonicalize_name(requirement.name)] = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:  # of another system, as a marker says
            continue
        queue += _needs(found[canonicalize_name(requirement.name)], requirement.extras)
    return found


def _needs(package: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in package.requires or ():
        needed = Requirement(line)
        marker = needed.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield needed


def licence(package: metadata.Distribution) -> str:
    """As an SPDX expression, as well as it is told."""
    told = cast("Message", package.metadata)
    short = told.get("License") or ""
    classes = [
        line.split(" :: ")[-1]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    name = told.get("License-Expression") or (short if 0 < len(short) < 45 else "")
    return (
        name
        or " OR ".join(CALLED.get(each, each) for each in classes)
        or (ELSEWHERE.get(package.name, "unknown"))
    )


def permitted(expression: str) -> bool:
    """Whether of each part of an expression one alternative is allowed."""
    parts = [part.strip("() ") for part in expression.split(" AND ")]
    return all(
        any(CALLED.get(one.strip(), one.strip()) in ALLOWED for one in part.split(" OR "))
        for part in parts
    )


def test_every_package_that_is_passed_on_has_a_licence_that_is_allowed() -> None:
    packages = installed()
    assert len(packages) > 80
    wrong = {name: licence(each) for name, each in packages.items() if not permitted(licence(each))}
    assert wrong == {}


def test_an_unknown_licence_is_not_permitted() -> None:
    assert permitted("MPL-1.1 OR GPL-2.0-only")
    assert permitted("MPL-2.0 AND (Apache-2.0 OR MIT)")
    assert not permitted("GPL-3.0-only")
    assert not permitted("MIT AND GPL-3.0-only")
    assert not permitted("unknown")


def test_the_packaged_weights_are_those_that_were_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, version = packaged.packaged_file()
    model = packaged.read_packaged(source)
    packaged.check_genuine(model)
    assert packaged._recorded() == model.fingerprint == packaged.KNOWN[version]
    data = bytearray(source.read_bytes())
    data[len(data) // 2] ^= 1  # one weight is another: the file can still be read
    copy = tmp_path / packaged.FILE
    copy.write_bytes(data)
    monkeypatch.setattr(convert, "packaged_file", lambda: (copy, version))
    with pytest.raises(ModelError, match=r"is not what was published.*force-reinstall"):
        convert.engine_files(Config(cache=str(tmp_path / "cache")), int8=True)
    monkeypatch.setattr(packaged, "KNOWN", {})  # of a version that is newer than this program
    packaged.check_genuine(model)
    with pytest.raises(ModelError, match="is not what was published"):
        packaged.check_genuine(replace(model, fingerprint="0" * 64))


CODE_IN_DATA = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


def test_nothing_that_is_loaded_can_run() -> None:
    for path in [ROOT / "ui.py", *(ROOT / "rag").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            names = {
                alias.name for alias in getattr(node, "names", ()) if isinstance(node, ast.Import)
            }
            if isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
            assert not {name.partition(".")[0] for name in names} & CODE_IN_DATA, path
            if isinstance(node, ast.Call):
                named = {word.arg: word.value for word in node.keywords}
                assert "trust_remote_code" not in named, path
                called = ast.unparse(node.func)
                if called == "np.load":
                    assert ast.unparse(named["allow_pickle"]) == "False", path
                if called == "yaml.load":
                    assert ast.unparse(named["Loader"]) == "yaml.BaseLoader", path
                assert called not in ("torch.load", "yaml.unsafe_load", "eval", "exec"), path
        assert not re.search(r"verify *= *False", text), path  # of certificates
