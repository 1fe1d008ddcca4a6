// `module`, `import` and `include` at a program's start. A module's description is passed over;
// there is nothing to import.
#include "expression/parser.hpp"

namespace sluice::expression {
namespace {

bool is_constant(const node& code) {
    switch (code.kind) {
        case node_kind::literal:
            return true;
        case node_kind::array:
        case node_kind::object:
            for (const node_ptr& child : code.children) {
                if (!is_constant(*child)) return false;
            }
            return true;
        case node_kind::call:
            return code.children.empty() &&
                   (code.name == "null" || code.name == "true" || code.name == "false");
        default:
            return false;
    }
}

void check_description(const node& description) {
    if (!is_constant(description)) {
        throw syntax_error{"Module metadata must be constant", "", description.offset};
    }
    if (description.kind != node_kind::object) {
        throw syntax_error{"Module metadata must be an object", "", description.offset};
    }
}

}  // namespace

void parser::parse_directives() {
    if (accept_word("module")) {
        check_description(*parse_pipe());
        expect(";", "the module's description");
    }
    if (!token_.word("import") && !token_.word("include")) return;
    const token word = take();
    if (token_.kind != token_kind::quote) fail_at_token("the module's path as text");
    const node_ptr path = parse_string("");
    if (!is_constant(*path)) {
        throw syntax_error{"Import path must be constant", "", path->offset};
    }
    if (word.text == "import") {
        expect_word("as", "the module's path");
        take();
    }
    if (!token_.is(";")) check_description(*parse_pipe());
    throw syntax_error{"modules are not available here", "write the definitions before the program",
                       word.offset};
}

}  // namespace sluice::expression
