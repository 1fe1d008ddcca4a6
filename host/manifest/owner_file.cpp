#include "manifest/owner_file.hpp"

#include <utility>

#include "manifest/document.hpp"
#include "manifest/integration_reader.hpp"
#include "manifest/reference_values.hpp"

namespace sluice::manifest {

std::string owner_file::to_text() const {
    return is_organization() ? "the organization" : "customer \"" + customer + '"';
}

std::optional<shared_reference> parse_shared(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view owner = text.substr(0, slash);
    shared_reference out{owner == "organization", std::string(text.substr(slash + 1))};
    if (out.name.empty() || (!out.of_organization && owner != "customer")) return std::nullopt;
    return out;
}

owner_connections resolve_connections(const owner_file& owner, const environment& lookup,
                                      std::vector<base::error>& problems) {
    owner_connections out;
    for (const auto& [name, given] : owner.connections) {
        reference_values work(owner, lookup);
        json::value fields = work.resolve(given.fields, pointer_to("/connections", name));
        if (work.problems.empty()) {
            fields.set("type", given.type);
            out.emplace(name, std::move(fields));
            continue;
        }
        out.emplace(name, work.problems.front());
        for (base::error& one : work.problems)
            problems.push_back(std::move(one));
    }
    return out;
}

}  // namespace sluice::manifest
