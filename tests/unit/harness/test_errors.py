"""What errors say, whatever the files are called that they are about."""

from harness.errors import Problem, SuiteErrors


def test_a_problem_is_one_printable_line_whatever_its_file_is_called() -> None:
    problem = Problem("a\nb\x1b[31m\udcff.yaml", 3, 1, "wrong\there", "mend\u202eit")

    assert str(problem) == "a\\nb\\x1b[31m\\udcff.yaml:3:1: wrong\\there; mend\\u202eit"
    assert str(SuiteErrors((problem, problem))).count("\n") == 1
