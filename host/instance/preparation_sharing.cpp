// preparation: customers and the organization, and the instances that share their connections.
#include <algorithm>
#include <utility>

#include "instance/preparation.hpp"
#include "manifest/document.hpp"

namespace sluice::instance {
namespace {

std::string names_of(const std::vector<std::string>& instances) {
    constexpr std::size_t most = 5;
    std::string out = instances.size() == 1 ? "the instance " : "the instances ";
    for (std::size_t i = 0; i < std::min(instances.size(), most); ++i)
        out += (i == 0 ? "" : ", ") + instances[i];
    if (instances.size() > most) out += " and " + std::to_string(instances.size() - most) + " more";
    return out;
}

}  // namespace

void preparation::take_owners(std::map<std::string, manifest::owner_file> given) {
    for (auto& [id, file] : given)
        take_owner(id, std::move(file));
    if (!request_.remove_customer.empty()) remove_customer(request_.remove_customer);
    if (!request_.bind_all) return;
    for (const auto& [id, one] : now_.owners) {
        if (out_.owners.contains(id)) continue;
        std::vector<base::error> problems;
        owners_[id] = bind_owner(one->file, ports_.lookup, request_.known, problems);
        out_.owners.emplace(id, owners_[id]);
        for (base::error& why : problems) {
            why.hint += (why.hint.empty() ? "" : "; or ") + std::string("apply the file of ") +
                        owner_text(id) + " again";
            out_.warnings.push_back(std::move(why));
        }
    }
}

void preparation::take_owner(const std::string& id, manifest::owner_file file) {
    const owner* const before = find_owner(now_.owners, id);
    if (request_.may_share) {
        auto allowed = request_.may_share(file, before == nullptr ? nullptr : &before->file);
        if (!allowed) {
            denied_ = true;
            return refuse(allowed.error_value());
        }
    }
    std::vector<base::error> problems;
    owner_ptr after = bind_owner(std::move(file), ports_.lookup, request_.known, problems);
    refuse_all(std::move(problems));
    out_.plan.push_back(plan_of(after->file, before == nullptr ? nullptr : &before->file));
    owners_[id] = after;
    out_.owners.insert_or_assign(id, std::move(after));
}

void preparation::remove_customer(const std::string& customer) {
    const std::string id = customer_owner(customer);
    std::vector<std::string> its;
    for (const auto& [name, kept] : now_.instances) {
        if (kept->file.customer == customer) its.push_back(name);
    }
    if (!its.empty()) {
        return refuse(
            base::make_error(base::error_code::conflict,
                             "customer \"" + customer + "\" has " + names_of(its) + " and stays",
                             "remove them first (sluice instance remove NAME)"));
    }
    if (find_owner(now_.owners, id) == nullptr) {
        return refuse(base::make_error(base::error_code::not_found,
                                       "there is no customer \"" + customer + '"',
                                       "`sluice customer list` names them"));
    }
    owners_.erase(id);
    out_.owners.insert_or_assign(id, nullptr);
    out_.forgets = id;
}

void preparation::touch_sharing() {
    for (const auto& [name, kept] : now_.instances) {
        if (out_.instances.contains(name)) continue;
        bool touched = false;
        for (const auto& [id, one] : out_.owners)
            touched = touched || uses(kept->file, id);
        if (!touched) continue;
        check_sharing(*kept);
        if (request_.bind_all || now_.leaving.contains(name)) continue;
        touch(name, *kept);
        by_sharing_.insert(name);
    }
}

void preparation::check_sharing(const kept_instance& one) {
    const base::result<integration_ptr> integration = look_for(one.version);
    if (!integration) return;
    const manifest::sharing owners = sharing_of(owners_, one.file.customer);
    for (manifest::sharing_problem& each :
         manifest::check_sharing(one.file, **integration, owners)) {
        std::string message =
            "the instance \"" + one.file.name + "\" uses it: " + std::move(each.message);
        const manifest::owner_file* const at = owners.find(each.of);
        // None: the instance cannot run, and did not before.
        if (at == nullptr) continue;
        refuse(manifest::problem_at(*at, manifest::pointer_to("/connections", each.of.name),
                                    std::move(message),
                                    "change the instance before, or in the same command"));
    }
}

}  // namespace sluice::instance
