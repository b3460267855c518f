"""Every fault by its name."""

from tests.chaos.faults.control import CONTROL
from tests.chaos.faults.database import DATABASE
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.messages import MESSAGES
from tests.chaos.faults.redis_faults import REDIS
from tests.chaos.faults.targets import TARGET_FAULTS
from tests.chaos.faults.workers import WORKERS

NONE = Fault("none")
FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in (NONE, *WORKERS, *CONTROL, *REDIS, *MESSAGES, *DATABASE, *TARGET_FAULTS)
}
