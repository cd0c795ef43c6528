"""Functions that are passed, and come back."""


def one():
    pass


def two():
    pass


def runs(first, second=two):
    first()
    second()


def forwards(*functions, **named):
    functions[0]()
    runs(*functions)
    named["last"]()


def keyword_only(*, callback):
    callback()


def gives_back(function):
    return function


def sometimes(function, other=None):
    if other:
        function = other
    return function


def hands_on():
    gives_back(three)()


def three():
    pass


runs(one)
forwards(one, two, last=one)
keyword_only(callback=two)
gives_back(one)()
gives_back(function=gives_back)(two)()
sometimes(one, other=two)()
hands_on()

# top -> sometimes, hands_on
# top -> runs, forwards, keyword_only, gives_back, one, two
# hands_on -> gives_back, three
# runs -> one, two
# forwards -> one, runs
# keyword_only -> two
