"""What the README's first screen says to type does what it says."""

import json
import os
import re
import subprocess
import sys

from server import Server

README = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")


def test_curl_and_python_of_the_readme(tmp_path):
    with open(README, encoding="utf-8") as file:
        text = file.read()
    key = re.search(r"^KEY='(.*)'$", text, re.MULTILINE).group(1)
    server = Server(tmp_path / "data", key=key)
    text = text.replace("127.0.0.1:8081", f"127.0.0.1:{server.port}")
    server.start()
    try:
        curl = next(block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "curl" in block)
        output = run("bash", "-e", "-c", curl.replace("curl ", "curl --silent --fail "))
        answers = re.findall(r"\{.*?\}(?=\{|$)", output)
        assert json.loads(answers[-1])["total"] == 42

        python = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
        output = run(sys.executable, "-c", python)
        assert "'total': 7" in output
        assert output.endswith("[42, 7]\n")
    finally:
        server.kill()


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
