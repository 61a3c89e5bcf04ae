/** The port of the gateway on 127.0.0.1 unless another one is set; package.json has the same. */
export const defaultPort = 8417;
