#include "server_service.hpp"
#include "ss/ops/program.hpp"

int main(int argc, char** argv) {
  return ss::ops::run_server(argc, argv, ss::server::run);
}
