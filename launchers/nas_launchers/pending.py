"""Reasons for which a job waits in SLURM's queue without any hope, unless somebody changes something."""

NEVER = {
    "PartitionConfig": "the partition does not have what the job asks for",
    "PartitionNodeLimit": "the partition does not have so many nodes",
    "PartitionTimeLimit": "the partition does not allow so long a time limit",
    "PartitionDown": "the partition is down",
    "PartitionInactive": "the partition is inactive",
    "BadConstraints": "no node meets its constraints",
    "ReqNodeNotAvail": "the nodes it needs are not available",
    "DependencyNeverSatisfied": "what it depends on has failed",
    "JobHeldUser": "it is held: scontrol release lets it go",
    "JobHeldAdmin": "it is held by an administrator",
    "launch failed requeued held": "it could not be launched and is held",
    "AccountNotAllowed": "the account is not allowed there",
    "InvalidAccount": "the account is not valid",
    "InvalidQOS": "the QOS is not valid",
    "QOSNotAllowed": "the QOS is not allowed there",
    "ReservationDeleted": "its reservation is gone",
}
PER_JOB = "PerJob"


def hopeless(reason: str) -> str | None:
    """Why a job with this reason never starts; None if it may."""
    for start, words in NEVER.items():
        if reason.startswith(start):  # "ReqNodeNotAvail, UnavailableNodes:n1"
            return words
    if PER_JOB in reason:  # QOSMaxCpuPerJobLimit, AssocMaxWallDurationPerJobLimit, ...
        return "one job may not ask for so much"
    return None
