/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include <math.h>
#include <string.h>
#include <stdlib.h>
#ifdef NOFMA
#define SUF "_nofma"
#define BENCHES fpnc_benches
#define CLS "fpnc"
#else
#define SUF ""
#define BENCHES fp_benches
#define CLS "fp"
#endif
static uint64_t d2u(double d)
{
    uint64_t u;
    memcpy(&u, &d, 8);
    return u;
}
struct body {
    double x[3], v[3], m;
};
static uint64_t b_nbody(long n)
{
    static const struct body init[5] = {
        {{0, 0, 0}, {0, 0, 0}, 39.47841760435743},
        {{4.84143144246472090, -1.16032004402742839, -.103622044471123109},
         {.606326392995832, 2.81198684491626, -.02521836165988763},
         .03769367487038949},
        {{8.34336671824457987, 4.12479856412430479, -.403523417114321381},
         {-1.01077434617879, 1.8256623712304119, .008415761376584154},
         .011286326131968767},
        {{12.8943695621391310, -15.1111514016986312, -.223307578892655734},
         {1.0827910064415354, .8687130181696082, -.010832637401363636},
         .0017237240570597112},
        {{15.3796971148509165, -25.9193146099879641, .179258772950371181},
         {.979090732243898, .5946989986476762, -.034755955550407815},
         .0020336868699246304}};
    struct body b[5];
    memcpy(b, init, sizeof b);
    double dt = .01;
    for (long k = 0; k < n * 1000; k++) {
        for (int i = 0; i < 5; i++)
            for (int j = i + 1; j < 5; j++) {
                double dx = b[i].x[0] - b[j].x[0], dy = b[i].x[1] - b[j].x[1],
                       dz = b[i].x[2] - b[j].x[2];
                double d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * sqrt(d2));
                b[i].v[0] -= dx * b[j].m * mag;
                b[i].v[1] -= dy * b[j].m * mag;
                b[i].v[2] -= dz * b[j].m * mag;
                b[j].v[0] += dx * b[i].m * mag;
                b[j].v[1] += dy * b[i].m * mag;
                b[j].v[2] += dz * b[i].m * mag;
            }
        for (int i = 0; i < 5; i++)
            for (int a = 0; a < 3; a++)
                b[i].x[a] += dt * b[i].v[a];
    }
    return d2u(b[0].x[0] + b[4].x[2]);
}
#define MM(T, name)                                                                                \
    static uint64_t __attribute__((optimize("no-tree-vectorize"))) name(long n)                    \
    {                                                                                              \
        enum {                                                                                     \
            N = 128                                                                                \
        };                                                                                         \
        static T a[N][N], b[N][N], c[N][N];                                                        \
        for (int i = 0; i < N; i++)                                                                \
            for (int j = 0; j < N; j++) {                                                          \
                a[i][j] = (i * 3 + j) % 17 * .25;                                                  \
                b[i][j] = (i + j * 5) % 13 * .5;                                                   \
                c[i][j] = 0;                                                                       \
            }                                                                                      \
        for (long r = 0; r < n; r++) {                                                             \
            for (int i = 0; i < N; i++)                                                            \
                for (int k = 0; k < N; k++) {                                                      \
                    T x = a[i][k];                                                                 \
                    for (int j = 0; j < N; j++)                                                    \
                        c[i][j] += x * b[k][j];                                                    \
                }                                                                                  \
            a[r % N][(r * 7) % N] += .125;                                                         \
        }                                                                                          \
        return d2u(c[5][7] + c[100][101]);                                                         \
    }
MM(double, b_matd)
MM(float, b_matf) static uint64_t __attribute__((optimize("no-tree-vectorize"))) b_mandel(long n)
{
    uint64_t o = 0;
    for (long r = 0; r < n; r++)
        for (int y = 0; y < 64; y++)
            for (int x = 0; x < 64; x++) {
                double cr = x / 32.0 - 1.5, ci = y / 32.0 - 1.0 + r * 1e-6, zr = 0, zi = 0;
                int i = 0;
                for (; i < 200 && zr * zr + zi * zi < 4; i++) {
                    double t = zr * zr - zi * zi + cr;
                    zi = 2 * zr * zi + ci;
                    zr = t;
                }
                o += i;
            }
    return o;
}
const struct bench BENCHES[] = {{"nbody" SUF, CLS, b_nbody, 300},
                                {"matmul_d" SUF, CLS, b_matd, 18},
                                {"matmul_f" SUF, CLS, b_matf, 14},
                                {"mandel" SUF, CLS, b_mandel, 50},
                                {0}};
