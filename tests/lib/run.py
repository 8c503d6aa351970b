#!/usr/bin/env python3
"""Runs the unittest cases of one file and prints TAP, one line a test method."""
import importlib.util
import os
import sys
import unittest


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0
        self.bad = 0
        self.current_bad = False
        self.reported = False

    def line(self, ok, test, extra=""):
        self.number += 1
        self.reported = True
        self.bad += not ok
        name = test.id().split(".", 1)[-1]
        print(f"{'' if ok else 'not '}ok {self.number} - {name}{extra}", flush=True)

    def details(self, text):
        for row in text.splitlines():
            print("# " + row, flush=True)

    def startTest(self, test):
        super().startTest(test)
        self.current_bad = False
        self.reported = False

    def addSuccess(self, test):
        self.line(not self.current_bad, test)

    def addError(self, test, err):
        self.details(self._exc_info_to_string(err, test))
        self.line(False, test)

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.current_bad = True
            self.details(f"{subtest.id()}\n" + self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        self.line(True, test, f" # SKIP {reason}")

    def stopTest(self, test):
        # a test with failed subtests gets neither addSuccess nor addFailure
        if not self.reported:
            self.line(not self.current_bad, test)
        super().stopTest(test)


def main():
    path = sys.argv[1]
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location("test_file", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["test_file"] = module
    spec.loader.exec_module(module)
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromModule(module)
    if len(sys.argv) > 2:
        suite = loader.loadTestsFromNames(sys.argv[2:], module)
    result = Tap()
    print("TAP version 13", flush=True)
    suite.run(result)
    print(f"1..{result.number}", flush=True)
    return result.bad > 0


if __name__ == "__main__":
    sys.exit(main())
