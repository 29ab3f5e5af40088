import pytest

from server import Server


@pytest.fixture
def server(tmp_path):
    """A running server on an empty folder, ended when the test is."""
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(folder)
    server.start()
    yield server
    if server.process.poll() is None:
        server.kill()
