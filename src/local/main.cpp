#include "local_service.hpp"
#include "ss/ops/program.hpp"

int main(int argc, char** argv) {
  return ss::ops::run_local(argc, argv, ss::local::run);
}
