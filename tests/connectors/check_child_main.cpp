// The program whose child part check_test.cpp starts; `sluice` itself does the same.
#include "plugin/check.hpp"

int main(int count, char** arguments) {
    return count == 3 ? sluice::plugin::run_check_child(arguments[2]) : 2;
}
