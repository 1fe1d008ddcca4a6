#include "manifest/openapi_assembly.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/openapi_body.hpp"
#include "manifest/openapi_server.hpp"
#include "manifest/openapi_style.hpp"

namespace sluice::manifest {
namespace {

base::error refuse(std::string message, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
}

// Headers that a description may not set: they follow from the rest of it. They may be given.
bool is_implied(const api_parameter& which) {
    if (which.place != api_place::header) return false;
    return which.name == "Accept" || which.name == "Content-Type" || which.name == "Authorization";
}

class assembly {
  public:
    assembly(const api_operation& operation, const json::value& given, body_rules body,
             std::vector<api_parameter> parameters)
        : operation_(operation),
          given_(given),
          body_(std::move(body)),
          parameters_(std::move(parameters)),
          path_(operation.path) {}

    base::result<openapi_request> run(const std::string& server) {
        if (base::result<void> complete = check_names(); !complete) return complete.error_value();
        made_.method = operation_.method;
        for (const api_parameter& each : parameters_) {
            const json::value& content = given_.get(each.name);
            if (content.is_null()) continue;
            if (base::result<void> put = this->put(each, content); !put) return put.error_value();
        }
        if (path_.find('{') != std::string::npos) {
            return refuse("the path \"" + path_ + "\" has a parameter that is not declared");
        }
        if (!cookies_.empty()) made_.headers.emplace_back("Cookie", join_pairs(cookies_, "; "));
        made_.url = server + path_;
        if (!query_.empty()) {
            const char separator = made_.url.find('?') == std::string::npos ? '?' : '&';
            made_.url += separator + join_pairs(query_, "&");
        }
        if (base::result<void> done = put_body(); !done) return done.error_value();
        return std::move(made_);
    }

  private:
    base::result<void> check_names() {
        std::string missing;
        const auto note = [&](const std::string& name, std::string_view place) {
            missing += (missing.empty() ? "" : ", ") + name + " (" + std::string(place) + ")";
        };
        for (const api_parameter& each : parameters_) {
            if (each.place == api_place::body || is_implied(each)) continue;
            if (each.required && given_.get(each.name).is_null()) {
                note(each.name, to_string(each.place));
            }
        }
        collect_rest();
        if (body_.required && whole_body() == nullptr && rest_.size() == 0)
            note(body_.name, "body");
        if (!missing.empty()) return refuse("needs " + missing, known_text());
        if (rest_.size() > 0 && (!takes_members() || whole_body() != nullptr)) {
            const std::string& name = rest_.members().front().first;
            return refuse("has no parameter \"" + name + "\"",
                          expression::did_you_mean(name, known_names()));
        }
        return {};
    }

    // What is given and is no parameter.
    void collect_rest() {
        rest_ = json::value::object();
        if (!given_.is_object()) return;
        const std::vector<std::string> known = known_names();
        const std::set<std::string, std::less<>> names(known.begin(), known.end());
        for (const auto& [name, content] : given_.members()) {
            if (!names.contains(name)) rest_.set(name, content);
        }
    }

    bool takes_members() const { return !body_.name.empty(); }

    // Null when the body's name is that of another parameter, too.
    const json::value* whole_body() const {
        if (body_.name.empty()) return nullptr;
        for (const api_parameter& each : parameters_) {
            if (each.name == body_.name && each.place != api_place::body) return nullptr;
        }
        const json::value* const found = given_.find(body_.name);
        return found == nullptr || found->is_null() ? nullptr : found;
    }

    std::vector<std::string> known_names() const {
        std::vector<std::string> names;
        for (const api_parameter& each : parameters_)
            names.push_back(each.name);
        if (!body_.name.empty()) names.push_back(body_.name);
        return names;
    }

    std::string known_text() const {
        std::string text;
        for (const api_parameter& each : parameters_) {
            if (each.place == api_place::body) continue;
            text += (text.empty() ? "it has " : ", ") + each.name + " (" +
                    std::string(to_string(each.place)) + ")";
        }
        if (!body_.name.empty()) text += (text.empty() ? "it has " : ", ") + body_.name + " (body)";
        return text;
    }

    base::result<void> put(const api_parameter& as, const json::value& content) {
        std::vector<name_and_value> pairs;
        switch (as.place) {
            case api_place::path:
                return put_segment(as, content);
            case api_place::header:
                return put_header(as, content);
            case api_place::query:
                pairs = write_pairs(as, content);
                query_.insert(query_.end(), pairs.begin(), pairs.end());
                return {};
            case api_place::cookie:
                pairs = write_pairs(as, content);
                cookies_.insert(cookies_.end(), pairs.begin(), pairs.end());
                return {};
            case api_place::form:
                pairs = write_pairs(as, content);
                form_.insert(form_.end(), pairs.begin(), pairs.end());
                return {};
            case api_place::body:
                return {};
        }
        return {};
    }

    base::result<void> put_segment(const api_parameter& as, const json::value& content) {
        const std::string text = write_segment(as, content);
        // Each would make it the address of something else.
        if (text.empty() || text == "." || text == "..") {
            return refuse("the path parameter \"" + as.name + "\" must not be \"" + text + "\"");
        }
        const std::string marker = "{" + as.name + "}";
        for (std::size_t at = path_.find(marker); at != std::string::npos;
             at = path_.find(marker, at + text.size())) {
            path_.replace(at, marker.size(), text);
        }
        return {};
    }

    base::result<void> put_header(const api_parameter& as, const json::value& content) {
        std::string text = write_header(as, content);
        const auto is_control = [](char c) {
            return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
        };
        if (std::any_of(text.begin(), text.end(), is_control)) {
            return refuse("the header \"" + as.name + "\" must not have control characters");
        }
        made_.headers.emplace_back(as.name, std::move(text));
        return {};
    }

    base::result<void> put_body() {
        if (!form_.empty()) {
            made_.content_type = body_.content_type;
            made_.body = join_pairs(form_, "&");
            return {};
        }
        if (const json::value* const whole = whole_body()) return write_body(body_, *whole, made_);
        if (rest_.size() > 0) return write_body(body_, rest_, made_);
        return {};
    }

    const api_operation& operation_;
    const json::value& given_;
    body_rules body_;
    std::vector<api_parameter> parameters_;
    std::string path_;
    json::value rest_;
    std::vector<name_and_value> query_;
    std::vector<name_and_value> cookies_;
    std::vector<name_and_value> form_;
    openapi_request made_;
};

}  // namespace

base::result<openapi_request> assemble(const json::value& document, const api_operation& operation,
                                       const json::value& parameters,
                                       const openapi_options& options) {
    if (!parameters.is_object() && !parameters.is_null()) {
        return refuse("its parameters must be an object");
    }
    base::result<std::vector<api_parameter>> declared = parameters_of(document, operation);
    if (!declared) return declared.error_value();
    base::result<body_rules> body = body_of(document, operation, *declared);
    if (!body) return body.error_value();
    const base::result<std::string> server = server_of(document, operation, options);
    if (!server) return server.error_value();
    return assembly(operation, parameters, std::move(*body), std::move(*declared)).run(*server);
}

}  // namespace sluice::manifest
