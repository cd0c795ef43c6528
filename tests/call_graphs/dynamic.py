"""What cannot be known is not made up."""


def one():
    pass


def two():
    pass


class Thing:
    def run(self):
        pass


exec("one()")
globals()["one"]()
getattr(Thing(), "run")()
getattr(Thing(), input())()
Thing.run = two
unknown.run()


def any_argument(value):
    value.run()
    value()

# top -> builtins.exec, builtins.globals, builtins.getattr, builtins.input, Thing.run, two
