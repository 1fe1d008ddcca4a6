#include "manifest/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "manifest/core_schema.hpp"
#include "manifest/surrogate_pairs.hpp"
#include "manifest/yaml_problem.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t deepest = 64;

// Thrown out of the handler, through yaml-cpp, to read_yaml().
struct refusal {
    base::error problem;
};

mark to_mark(const YAML::Mark& at) { return {at.line + 1, at.column + 1}; }

// Builds JSON from the parser's events.
class builder final : public YAML::EventHandler {
  public:
    builder(document& into, const surrogate_pairs& pairs) : into_(into), pairs_(pairs) {}

    void OnDocumentStart(const YAML::Mark& at) override {
        if (++documents_ > 1) {
            refuse(at, "the file holds several documents", "keep one, without a second ---");
        }
    }
    void OnDocumentEnd() override {}
    void OnAnchor(const YAML::Mark& at, const std::string& name) override {
        refuse(at, "the anchor &" + name + " is not supported", "write the content out");
    }
    void OnAlias(const YAML::Mark& at, YAML::anchor_t) override {
        refuse(at, "aliases are not supported", "write the content out");
    }
    void OnNull(const YAML::Mark& at, YAML::anchor_t) override {
        // The parser's place for nothing is that of whatever comes next.
        const bool member = !levels_.empty() && levels_.back().has_key;
        if (!member) return add_scalar(at, {}, "");
        into_.values[next_pointer()] = into_.keys[next_pointer()];
        add_value({});
    }
    void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t,
                  const std::string& read) override {
        if (tag != "?" && tag != "!" && !tag.empty()) refuse_tag(at, tag);
        const bool plain = tag == "?" || tag.empty();
        if (!plain) last_quoted_ = to_mark(at);
        const std::string text = pairs_.restored(read, !plain && is_double_quote(to_mark(at)));
        if (expects_key()) {
            if (plain && text == "<<") {
                refuse(at, "the merge key << is not supported", "write the content out");
            }
            add_key(at, text);
            return;
        }
        if (!plain) return add_scalar(at, json::value(text), text);
        base::result<json::value> meaning = resolve_plain_scalar(text);
        if (!meaning) refuse(at, meaning.error_value().message, meaning.error_value().hint);
        add_scalar(at, std::move(*meaning), text);
    }
    void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {
        open(at, tag, json::value::array());
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {
        open(at, tag, json::value::object());
    }
    void OnMapEnd() override { close(); }

    // Where the last text in quotes (or after | or >) begins; line 0: there is none.
    mark last_quoted() const { return last_quoted_; }

    [[noreturn]] void refuse(const YAML::Mark& at, std::string message, std::string hint) const {
        base::error problem =
            base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
        const mark place = to_mark(at);
        problem.where = base::source_position{into_.name, place.line, place.column};
        throw refusal{std::move(problem)};
    }

  private:
    struct level {
        json::value content;
        std::string pointer;
        std::string key;  // of the member whose value comes next
        bool has_key = false;
    };

    bool is_double_quote(mark at) const {
        return into_.line(at.line).substr(static_cast<std::size_t>(at.column - 1)).starts_with('"');
    }

    bool expects_key() const {
        return !levels_.empty() && levels_.back().content.is_object() && !levels_.back().has_key;
    }

    void add_key(const YAML::Mark& at, const std::string& key) {
        level& now = levels_.back();
        if (now.content.find(key) != nullptr) {
            refuse(at, "the key \"" + key + "\" is there twice", "keep one of the two");
        }
        now.key = key;
        now.has_key = true;
        into_.keys[pointer_to(now.pointer, key)] = to_mark(at);
    }

    std::string next_pointer() const {
        if (levels_.empty()) return {};
        const level& now = levels_.back();
        return now.content.is_object() ? pointer_to(now.pointer, now.key)
                                       : pointer_to(now.pointer, now.content.size());
    }

    void add_value(json::value content) {
        if (levels_.empty()) {
            into_.content = std::move(content);
            return;
        }
        level& now = levels_.back();
        if (now.content.is_object()) {
            now.content.set(std::move(now.key), std::move(content));
            now.has_key = false;
        } else {
            now.content.push(std::move(content));
        }
    }

    void add_scalar(const YAML::Mark& at, json::value content, const std::string& text) {
        if (expects_key()) {
            if (text.empty()) refuse(at, "a key is missing here", "remove the comma or the colon");
            add_key(at, text);
            return;
        }
        into_.values[next_pointer()] = to_mark(at);
        add_value(std::move(content));
    }

    void open(const YAML::Mark& at, const std::string& tag, json::value content) {
        if (tag != "?" && tag != "!" && !tag.empty()) refuse_tag(at, tag);
        if (expects_key()) refuse(at, "a key must be text", "");
        if (levels_.size() >= deepest) {
            refuse(at, "the file nests deeper than 64 levels", "split it");
        }
        std::string pointer = next_pointer();
        into_.values[pointer] = to_mark(at);
        levels_.push_back({std::move(content), std::move(pointer), {}, false});
    }

    void close() {
        json::value content = std::move(levels_.back().content);
        levels_.pop_back();
        add_value(std::move(content));
    }

    [[noreturn]] void refuse_tag(const YAML::Mark& at, const std::string& tag) const {
        refuse(at, "the tag " + tag + " is not supported", "leave it out; quote what is text");
    }

    document& into_;
    const surrogate_pairs& pairs_;
    std::vector<level> levels_;
    int documents_ = 0;
    mark last_quoted_;
};

}  // namespace

base::result<void> read_yaml(document& into) {
    const surrogate_pairs pairs(into.text);
    std::istringstream stream(pairs.text());
    builder target(into, pairs);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(target)) {
        }
        if (std::optional<base::error> open = unclosed_quote(into, target.last_quoted())) {
            return std::move(*open);
        }
    } catch (const refusal& refused) {
        return refused.problem;
    } catch (const YAML::Exception& failure) {
        return explain_yaml(into, to_mark(failure.mark), failure.msg);
    } catch (const std::exception& failure) {
        return base::make_error(base::error_code::invalid_input,
                                std::string("this YAML cannot be read: ") + failure.what());
    }
    return {};
}

}  // namespace sluice::manifest
