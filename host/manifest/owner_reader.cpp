#include "manifest/owner_reader.hpp"

#include <utility>

#include "manifest/instance_reader.hpp"

namespace sluice::manifest {
namespace {

void read_facts(const cursor& at, owner_file& into) {
    into.title = at.member("title").text("title").value_or("");
    const cursor labels = at.member("labels");
    if (!labels.exists() || !labels.is_object("labels")) return;
    for (const cursor& each : labels.members()) {
        if (const auto text = each.text("a label", true)) into.labels.set(each.name(), *text);
    }
}

void read_connection(const cursor& at, owner_file& into) {
    if (!at.is_object("a connection")) return;
    // In keys of the store a slash ends the owner's name.
    const std::string name = at.name();
    if (name.empty() || name.find('/') != std::string::npos) {
        at.key_problem("\"" + name + "\" is not a name for a connection",
                       "leave the slash out: instances write { $shared: OWNER/NAME }");
        return;
    }
    check_references(at);
    owner_file::connection one;
    one.connector = at.member("connector").text("connector", true).value_or("");
    one.type = at.member("type").text("type", true).value_or("");
    one.fields = at.content();
    one.fields.erase("connector");
    one.fields.erase("type");
    into.connections[name] = std::move(one);
}

}  // namespace

owner_file read_owner(const cursor& root) {
    owner_file made;
    made.labels = json::value::object();
    take_source(root, made);
    if (!root.is_file_of("a customer or the organization", "customer: name")) return made;
    const cursor organization = root.member("organization");
    if (organization.exists()) {
        root.refuse_unknown("the organization's file", {"manifest", "organization", "connections"});
        if (organization.is_object("organization", "organization: { title: Name }")) {
            organization.refuse_unknown("organization", {"title", "labels"});
            read_facts(organization, made);
        }
    } else if (!root.member("customer").exists()) {
        // A mistyped key of the one or the other brought it here.
        root.refuse_unknown(
            "a file of a customer or the organization",
            {"manifest", "customer", "organization", "title", "labels", "connections"});
    } else {
        root.refuse_unknown("a customer's file",
                            {"manifest", "customer", "title", "labels", "connections"});
        made.customer = read_name(root.member("customer"), "customer");
        read_facts(root, made);
    }
    const cursor connections = root.member("connections");
    if (connections.exists() && connections.is_object("connections")) {
        for (const cursor& each : connections.members())
            read_connection(each, made);
    }
    return made;
}

}  // namespace sluice::manifest
