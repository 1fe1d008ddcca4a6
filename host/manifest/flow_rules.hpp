#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"

namespace sluice::manifest {

// What cannot hold for flows that keep no record: everything that lives on after its request.
void check_record(const cursor& at, const flow& of);

// The calls of a trigger that asks are not recorded either.
void check_fetch(const cursor& at, const flow& of);

// A preprocess flow reads what nobody has verified yet: it may only choose the flow.
void check_preprocess(const cursor& at, const flow& of);

}  // namespace sluice::manifest
