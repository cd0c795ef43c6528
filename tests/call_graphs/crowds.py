"""Where too much meets: what is called from many places, and what decorates many things."""


def start(task):
    return task()


def work():
    pass


# top -> start
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)
start(work)


def marked(function):
    def keep():
        return function()
    return keep


@marked
def first():
    pass


@marked
def second():
    pass


@marked
def third():
    pass


@marked
def fourth():
    pass


@marked
def fifth():
    pass


@marked
def sixth():
    pass


@marked
def seventh():
    pass


@marked
def eighth():
    pass


@marked
def ninth():
    pass


# top -> marked, marked.keep, first
first()
