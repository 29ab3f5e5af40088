"""The judge of the crash test notices each kind of fault it is there for."""

from crash_model import CrashModel, document


def model_and_truth():
    model = CrashModel()
    truth = {}
    for index in range(6):
        place = ("p", f"d{index}")
        model.begin("p", f"d{index}", 1)
        model.acknowledge("p", f"d{index}", 1)
        truth[place] = {**document(f"d{index}", "p", 1), "_ts": 1}
    model.begin("p", "d1", 2)  # a replace without an answer
    model.begin("p", "d2", None)  # a delete without an answer
    model.begin("p", "d3", None)
    model.acknowledge("p", "d3", None)  # a delete that was acknowledged
    del truth[("p", "d3")]
    model.begin_pair("p", "a", "b")  # a batch without an answer
    return model, truth


def test_the_truth_passes():
    model, truth = model_and_truth()
    assert model.faults(truth) == []


def test_either_outcome_of_an_unanswered_write_passes():
    model, truth = model_and_truth()
    truth[("p", "d1")] = document("d1", "p", 2)
    del truth[("p", "d2")]
    for identifier in ["a", "b"]:
        truth[("p", identifier)] = document(identifier, "p", 1)
    assert model.faults(truth) == []


def test_a_lost_document():
    model, truth = model_and_truth()
    del truth[("p", "d0")]
    assert len(model.faults(truth)) == 1


def test_an_older_state():
    model, truth = model_and_truth()
    model.begin("p", "d0", 2)
    model.acknowledge("p", "d0", 2)
    assert len(model.faults(truth)) == 1


def test_a_state_never_written():
    model, truth = model_and_truth()
    truth[("p", "d1")] = document("d1", "p", 3)
    assert len(model.faults(truth)) == 1


def test_a_deleted_document_that_came_back():
    model, truth = model_and_truth()
    truth[("p", "d3")] = document("d3", "p", 1)
    assert len(model.faults(truth)) == 1


def test_a_torn_document():
    model, truth = model_and_truth()
    truth[("p", "d0")] = {**document("d0", "p", 1), "padding": ""}
    truth[("p", "d4")] = {**document("d4", "p", 2), "sequence": 1}
    assert len(model.faults(truth)) == 2


def test_half_a_batch():
    model, truth = model_and_truth()
    truth[("p", "a")] = document("a", "p", 1)
    assert len(model.faults(truth)) == 1


def test_half_of_an_acknowledged_batch():
    model, truth = model_and_truth()
    model.acknowledge_pair("p", "a", "b")
    truth[("p", "a")] = document("a", "p", 1)
    assert len(model.faults(truth)) == 1


def test_a_document_from_nowhere():
    model, truth = model_and_truth()
    truth[("q", "x")] = document("x", "q", 1)
    assert len(model.faults(truth)) == 1
