// The program whose child part the tests of the checks start; `sluice` itself does the same.
#include <string_view>

#include "plugin/check.hpp"
#include "sluice/check_child.hpp"

int main(int count, char** arguments) {
    if (count > 2 && std::string_view(arguments[1]) == sluice::checking::child_argument) {
        return sluice::checking::run_test(count - 2, arguments + 2);
    }
    return count == 3 ? sluice::plugin::run_check_child(arguments[2]) : 2;
}
