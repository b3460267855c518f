"""What is read of processes, and how it travels."""

import os

from harness.containment.usage import Sample, decode_sample, encode_sample, look_at


def test_a_sample_travels_and_whoever_reads_it_ignores_what_it_does_not_know() -> None:
    sample = Sample(75_497_472, 0.3 + 0.6, 4)
    assert decode_sample(encode_sample(sample)) == sample
    assert decode_sample(b"1 2.5 3 of a later keeper") == Sample(1, 2.5, 3)


def test_processes_that_are_gone_count_for_nothing_but_the_time_they_took() -> None:
    assert look_at([2**22 + 1], ended_cpu_s=1.5) == Sample(0, 1.5, 0)


def test_a_process_has_memory_and_has_taken_time() -> None:
    sample = look_at([os.getpid()])
    assert sample.processes == 1 and sample.memory_bytes > 5_000_000 and sample.cpu_s > 0
