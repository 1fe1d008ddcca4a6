#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::manifest {
namespace {

std::string called(const owner_file& owner, const std::string& name) {
    return "the connection \"" + name + "\" of " + owner.to_text();
}

constexpr const char* other = "share another one, or give the instance a connection of its own";

void look_at(const owner_file& owner, const connection_declaration& wanted, const integration& to,
             sharing_problem& into) {
    const auto found = owner.connections.find(into.of.name);
    if (found == owner.connections.end()) {
        std::vector<std::string> known;
        for (const auto& [name, ignored] : owner.connections)
            known.push_back(name);
        into.message = owner.to_text() + " has no connection \"" + into.of.name + '"';
        into.hint = expression::did_you_mean(into.of.name, known);
    } else if (found->second.connector != wanted.connector) {
        into.message = called(owner, into.of.name) + " is one of " + found->second.connector +
                       ", and \"" + into.connection + "\" of " + to.id + " is one of " +
                       wanted.connector;
        into.hint = other;
    } else if (!wanted.type.empty() && found->second.type != wanted.type) {
        into.message = called(owner, into.of.name) + " is of type " + found->second.type +
                       ", and \"" + into.connection + "\" of " + to.id + " must be of type " +
                       wanted.type;
        into.hint = other;
    }
}

}  // namespace

std::vector<sharing_problem> check_sharing(const instance_file& instance, const integration& to,
                                           const sharing& owners) {
    std::vector<sharing_problem> out;
    for (const auto& [name, given] : instance.connections) {
        const auto declared = to.connections.find(name);
        const std::optional<shared_reference> of = parse_shared(given.shared);
        if (!of || declared == to.connections.end()) continue;
        sharing_problem one{name, *of, {}, {}};
        if (const owner_file* const owner = owners.find(*of)) {
            look_at(*owner, declared->second, to, one);
        } else if (owners.complete) {
            one.message = of->of_organization
                              ? "the organization has no connections here"
                              : "customer \"" + instance.customer + "\" has no connections here";
            one.hint = "apply a file of " +
                       std::string(of->of_organization ? "the organization" : "the customer") +
                       " that has the connection " + of->name + ", also in the same command";
        }
        if (!one.message.empty()) out.push_back(std::move(one));
    }
    return out;
}

}  // namespace sluice::manifest
