/* SPDX-License-Identifier: MIT */
/*
 * Text of instructions, compared with what QEMU 11.1's monitor prints for the same words at the
 * same addresses ("xp /i"), blanks collapsed. Where its text is wrong or poorer (cache-block
 * operations, hints, fence.tso) ours differs, and is in the second table.
 */
#include "qemu/osdep.h"

#include "qemu/bswap.h"
#include "target/riscv/disas.h"

typedef struct Row {
    uint32_t pc;
    const char *word; /* hexadecimal digits: 4 or 8 */
    const char *text;
} Row;

/* clang-format off */
static const Row like_qemu[] = {
    {0x80000000, "12345537", "lui a0,74565"},
    {0x80000004, "00000297", "auipc t0,0 # 0x80000004"},
    {0x80000008, "80000297", "auipc t0,-524288 # 0x8"},
    {0x8000000c, "0080006f", "j 8 # 0x80000014"},
    {0x80000010, "008000ef", "jal ra,8 # 0x80000018"},
    {0x80000014, "008002ef", "jal t0,8 # 0x8000001c"},
    {0x80000018, "0100056f", "jal a0,16 # 0x80000028"},
    {0x8000001c, "00008067", "ret"},
    {0x80000020, "00028067", "jr t0"},
    {0x80000024, "00828067", "jalr zero,t0,8"},
    {0x80000028, "000280e7", "jalr ra,t0,0"},
    {0x8000002c, "008280e7", "jalr ra,t0,8"},
    {0x80000030, "000302e7", "jalr t0,t1,0"},
    {0x80000034, "01030567", "jalr a0,t1,16"},
    {0x80000038, "00b50463", "beq a0,a1,8 # 0x80000040"},
    {0x8000003c, "00050463", "beqz a0,8 # 0x80000044"},
    {0x80000040, "00a00463", "beq zero,a0,8 # 0x80000048"},
    {0x80000044, "00051463", "bnez a0,8 # 0x8000004c"},
    {0x80000048, "00a01463", "bne zero,a0,8 # 0x80000050"},
    {0x8000004c, "00054463", "bltz a0,8 # 0x80000054"},
    {0x80000050, "00a04463", "bgtz a0,8 # 0x80000058"},
    {0x80000054, "00055463", "bgez a0,8 # 0x8000005c"},
    {0x80000058, "00a05463", "blez a0,8 # 0x80000060"},
    {0x8000005c, "00056463", "bgtu zero,a0,8 # 0x80000064"},
    {0x80000060, "00a06463", "bgtu a0,zero,8 # 0x80000068"},
    {0x80000064, "00057463", "bleu zero,a0,8 # 0x8000006c"},
    {0x80000068, "00a07463", "bleu a0,zero,8 # 0x80000070"},
    {0x8000006c, "feb54ce3", "bgt a1,a0,-8 # 0x80000064"},
    {0x80000070, "fff58503", "lb a0,-1(a1)"},
    {0x80000074, "0005c503", "lbu a0,0(a1)"},
    {0x80000078, "00459503", "lh a0,4(a1)"},
    {0x8000007c, "0045d503", "lhu a0,4(a1)"},
    {0x80000080, "7ff5a503", "lw a0,2047(a1)"},
    {0x80000084, "8005e503", "lwu a0,-2048(a1)"},
    {0x80000088, "00013503", "ld a0,0(sp)"},
    {0x8000008c, "00a40023", "sb a0,0(s0)"},
    {0x80000090, "00a41023", "sh a0,0(s0)"},
    {0x80000094, "00a42023", "sw a0,0(s0)"},
    {0x80000098, "fea43c23", "sd a0,-8(s0)"},
    {0x8000009c, "00000013", "nop"},
    {0x800000a0, "00058513", "mv a0,a1"},
    {0x800000a4, "00500513", "addi a0,zero,5"},
    {0x800000a8, "00000513", "mv a0,zero"},
    {0x800000ac, "ffb58513", "addi a0,a1,-5"},
    {0x800000b0, "00058013", "mv zero,a1"},
    {0x800000b4, "00500013", "addi zero,zero,5"},
    {0x800000b8, "0055a513", "slti a0,a1,5"},
    {0x800000bc, "0015b513", "seqz a0,a1"},
    {0x800000c0, "0055b513", "sltiu a0,a1,5"},
    {0x800000c4, "fff5c513", "not a0,a1"},
    {0x800000c8, "0015c513", "xori a0,a1,1"},
    {0x800000cc, "ff95e513", "ori a0,a1,-7"},
    {0x800000d0, "0ff5f513", "andi a0,a1,255"},
    {0x800000d4, "00359513", "slli a0,a1,3"},
    {0x800000d8, "03f5d513", "srli a0,a1,63"},
    {0x800000dc, "4035d513", "srai a0,a1,3"},
    {0x800000e0, "00c58533", "add a0,a1,a2"},
    {0x800000e4, "00c00533", "add a0,zero,a2"},
    {0x800000e8, "00058533", "add a0,a1,zero"},
    {0x800000ec, "40b00533", "neg a0,a1"},
    {0x800000f0, "40c58533", "sub a0,a1,a2"},
    {0x800000f4, "00c59533", "sll a0,a1,a2"},
    {0x800000f8, "00c5a533", "slt a0,a1,a2"},
    {0x800000fc, "0005a533", "sltz a0,a1"},
    {0x80000100, "00b02533", "sgtz a0,a1"},
    {0x80000104, "00b03533", "snez a0,a1"},
    {0x80000108, "00c5b533", "sltu a0,a1,a2"},
    {0x8000010c, "00c5c533", "xor a0,a1,a2"},
    {0x80000110, "00c5d533", "srl a0,a1,a2"},
    {0x80000114, "40c5d533", "sra a0,a1,a2"},
    {0x80000118, "00c5e533", "or a0,a1,a2"},
    {0x8000011c, "00c5f533", "and a0,a1,a2"},
    {0x80000120, "0ff0000f", "fence iorw,iorw"},
    {0x80000124, "0210000f", "fence r,w"},
    {0x80000128, "0310000f", "fence rw,w"},
    {0x80000134, "0000100f", "fence.i"},
    {0x8000013c, "00000073", "ecall"},
    {0x80000140, "00100073", "ebreak"},
    {0x80000144, "0005851b", "sext.w a0,a1"},
    {0x80000148, "0055851b", "addiw a0,a1,5"},
    {0x8000014c, "0050051b", "addiw a0,zero,5"},
    {0x80000150, "0035951b", "slliw a0,a1,3"},
    {0x80000154, "0035d51b", "srliw a0,a1,3"},
    {0x80000158, "4035d51b", "sraiw a0,a1,3"},
    {0x8000015c, "00c5853b", "addw a0,a1,a2"},
    {0x80000160, "40b0053b", "negw a0,a1"},
    {0x80000164, "40c5853b", "subw a0,a1,a2"},
    {0x80000168, "00c5953b", "sllw a0,a1,a2"},
    {0x8000016c, "00c5d53b", "srlw a0,a1,a2"},
    {0x80000170, "40c5d53b", "sraw a0,a1,a2"},
    {0x80000174, "30059573", "csrrw a0,mstatus,a1"},
    {0x80000178, "30059073", "csrrw zero,mstatus,a1"},
    {0x8000017c, "30002573", "csrrs a0,mstatus,zero"},
    {0x80000180, "c0002573", "rdcycle a0"},
    {0x80000184, "c0102573", "rdtime a0"},
    {0x80000188, "c0202573", "rdinstret a0"},
    {0x8000018c, "3005a073", "csrrs zero,mstatus,a1"},
    {0x80000190, "3005b573", "csrrc a0,mstatus,a1"},
    {0x80000194, "3005b073", "csrrc zero,mstatus,a1"},
    {0x80000198, "3002d573", "csrrwi a0,mstatus,5"},
    {0x8000019c, "3002d073", "csrrwi zero,mstatus,5"},
    {0x800001a0, "3002e573", "csrrsi a0,mstatus,5"},
    {0x800001a4, "3002e073", "csrrsi zero,mstatus,5"},
    {0x800001a8, "3002f573", "csrrci a0,mstatus,5"},
    {0x800001ac, "3002f073", "csrrci zero,mstatus,5"},
    {0x800001b0, "7c002573", "csrrs a0,0x7c0,zero"},
    {0x800001b4, "00302573", "frcsr a0"},
    {0x800001b8, "00202573", "frrm a0"},
    {0x800001bc, "00102573", "frflags a0"},
    {0x800001c0, "00359573", "fscsr a0,a1"},
    {0x800001c4, "00359073", "fscsr zero,a1"},
    {0x800001c8, "00259573", "fsrm a0,a1"},
    {0x800001cc, "00259073", "fsrm zero,a1"},
    {0x800001d0, "00159573", "fsflags a0,a1"},
    {0x800001d4, "00159073", "fsflags zero,a1"},
    {0x800001d8, "0020d073", "fsrmi zero,1"},
    {0x800001dc, "0010d073", "fsflagsi zero,1"},
    {0x800001e0, "0020d573", "fsrmi a0,1"},
    {0x800001e4, "0010d573", "fsflagsi a0,1"},
    {0x800001e8, "18002573", "csrrs a0,satp,zero"},
    {0x800001ec, "10502573", "csrrs a0,stvec,zero"},
    {0x800001f0, "5a802573", "csrrs a0,0x5a8,zero"},
    {0x800001f8, "3a002573", "csrrs a0,pmpcfg0,zero"},
    {0x800001fc, "3b002573", "csrrs a0,pmpaddr0,zero"},
    {0x80000204, "02c58533", "mul a0,a1,a2"},
    {0x80000208, "02c59533", "mulh a0,a1,a2"},
    {0x8000020c, "02c5a533", "mulhsu a0,a1,a2"},
    {0x80000210, "02c5b533", "mulhu a0,a1,a2"},
    {0x80000214, "02c5c533", "div a0,a1,a2"},
    {0x80000218, "02c5d533", "divu a0,a1,a2"},
    {0x8000021c, "02c5e533", "rem a0,a1,a2"},
    {0x80000220, "02c5f533", "remu a0,a1,a2"},
    {0x80000224, "02c5853b", "mulw a0,a1,a2"},
    {0x80000228, "02c5c53b", "divw a0,a1,a2"},
    {0x8000022c, "02c5d53b", "divuw a0,a1,a2"},
    {0x80000230, "02c5e53b", "remw a0,a1,a2"},
    {0x80000234, "02c5f53b", "remuw a0,a1,a2"},
    {0x80000238, "1005a52f", "lr.w a0,(a1)"},
    {0x8000023c, "1405a52f", "lr.w.aq a0,(a1)"},
    {0x80000240, "1205a52f", "lr.w.rl a0,(a1)"},
    {0x80000244, "1605a52f", "lr.w.aq.rl a0,(a1)"},
    {0x80000248, "1005b52f", "lr.d a0,(a1)"},
    {0x8000024c, "1605b52f", "lr.d.aq.rl a0,(a1)"},
    {0x80000250, "18c5a52f", "sc.w a0,a2,(a1)"},
    {0x80000254, "1ac5a52f", "sc.w.rl a0,a2,(a1)"},
    {0x80000258, "1ec5b52f", "sc.d.aq.rl a0,a2,(a1)"},
    {0x8000025c, "08c5a52f", "amoswap.w a0,a2,(a1)"},
    {0x80000260, "0cc5a52f", "amoswap.w.aq a0,a2,(a1)"},
    {0x80000264, "06c5b52f", "amoadd.d.aq.rl a0,a2,(a1)"},
    {0x80000268, "20c5a52f", "amoxor.w a0,a2,(a1)"},
    {0x8000026c, "60c5a52f", "amoand.w a0,a2,(a1)"},
    {0x80000270, "40c5a52f", "amoor.w a0,a2,(a1)"},
    {0x80000274, "80c5a52f", "amomin.w a0,a2,(a1)"},
    {0x80000278, "a0c5a52f", "amomax.w a0,a2,(a1)"},
    {0x8000027c, "c0c5a52f", "amominu.w a0,a2,(a1)"},
    {0x80000280, "e0c5b52f", "amomaxu.d a0,a2,(a1)"},
    {0x80000284, "30200073", "mret"},
    {0x80000288, "10200073", "sret"},
    {0x8000028c, "10500073", "wfi"},
    {0x80000290, "12000073", "sfence.vma zero,zero"},
    {0x80000294, "12050073", "sfence.vma a0,zero"},
    {0x80000298, "12b50073", "sfence.vma a0,a1"},
    {0x8000029c, "12b00073", "sfence.vma zero,a1"},
    {0x800002a0, "08c5853b", "add.uw a0,a1,a2"},
    {0x800002a4, "0805853b", "add.uw a0,a1,zero"},
    {0x800002a8, "20c5a533", "sh1add a0,a1,a2"},
    {0x800002ac, "20c5c533", "sh2add a0,a1,a2"},
    {0x800002b0, "20c5e533", "sh3add a0,a1,a2"},
    {0x800002b4, "20c5a53b", "sh1add.uw a0,a1,a2"},
    {0x800002b8, "0835951b", "slli.uw a0,a1,3"},
    {0x800002bc, "40c5f533", "andn a0,a1,a2"},
    {0x800002c0, "40c5e533", "orn a0,a1,a2"},
    {0x800002c4, "40c5c533", "xnor a0,a1,a2"},
    {0x800002c8, "60059513", "clz a0,a1"},
    {0x800002cc, "6005951b", "clzw a0,a1"},
    {0x800002d0, "60159513", "ctz a0,a1"},
    {0x800002d4, "60259513", "cpop a0,a1"},
    {0x800002d8, "6025951b", "cpopw a0,a1"},
    {0x800002dc, "0ac5e533", "max a0,a1,a2"},
    {0x800002e0, "0ac5f533", "maxu a0,a1,a2"},
    {0x800002e4, "0ac5c533", "min a0,a1,a2"},
    {0x800002e8, "0ac5d533", "minu a0,a1,a2"},
    {0x800002ec, "60459513", "sext.b a0,a1"},
    {0x800002f0, "60559513", "sext.h a0,a1"},
    {0x800002f4, "0805c53b", "zext.h a0,a1"},
    {0x800002f8, "60c59533", "rol a0,a1,a2"},
    {0x800002fc, "60c5953b", "rolw a0,a1,a2"},
    {0x80000300, "60c5d533", "ror a0,a1,a2"},
    {0x80000304, "6055d513", "rori a0,a1,5"},
    {0x80000308, "6055d51b", "roriw a0,a1,5"},
    {0x8000030c, "60c5d53b", "rorw a0,a1,a2"},
    {0x80000310, "2875d513", "orc.b a0,a1"},
    {0x80000314, "6b85d513", "rev8 a0,a1"},
    {0x80000318, "0ac59533", "clmul a0,a1,a2"},
    {0x8000031c, "0ac5b533", "clmulh a0,a1,a2"},
    {0x80000320, "0ac5a533", "clmulr a0,a1,a2"},
    {0x80000324, "48c59533", "bclr a0,a1,a2"},
    {0x80000328, "4ad59513", "bclri a0,a1,45"},
    {0x8000032c, "48c5d533", "bext a0,a1,a2"},
    {0x80000330, "4855d513", "bexti a0,a1,5"},
    {0x80000334, "68c59533", "binv a0,a1,a2"},
    {0x80000338, "68559513", "binvi a0,a1,5"},
    {0x8000033c, "28c59533", "bset a0,a1,a2"},
    {0x80000340, "28559513", "bseti a0,a1,5"},
    {0x80000344, "0ec5d533", "czero.eqz a0,a1,a2"},
    {0x80000348, "0ec5f533", "czero.nez a0,a1,a2"},
    {0x80000378, "00d00073", "wrs.nto"},
    {0x8000037c, "01d00073", "wrs.sto"},
    {0x80000380, "01f01013", "slli zero,zero,31"},
    {0x80000384, "40705013", "srai zero,zero,7"},
    {0x80000388, "0000", "illegal"},
    {0x80000000, "0045a507", "flw fa0,4(a1)"},
    {0x80000004, "00a5a227", "fsw fa0,4(a1)"},
    {0x80000008, "0045b507", "fld fa0,4(a1)"},
    {0x8000000c, "00a5b227", "fsd fa0,4(a1)"},
    {0x80000010, "00c5f553", "fadd.s dyn,fa0,fa1,fa2"},
    {0x80000014, "00c59553", "fadd.s rtz,fa0,fa1,fa2"},
    {0x80000018, "00c58553", "fadd.s rne,fa0,fa1,fa2"},
    {0x8000001c, "0ac5f553", "fsub.d dyn,fa0,fa1,fa2"},
    {0x80000020, "12c5f553", "fmul.d dyn,fa0,fa1,fa2"},
    {0x80000024, "1ac5f553", "fdiv.d dyn,fa0,fa1,fa2"},
    {0x80000028, "5a05f553", "fsqrt.d dyn,fa0,fa1"},
    {0x8000002c, "6ac5f543", "fmadd.d dyn,fa0,fa1,fa2,fa3"},
    {0x80000030, "6ac59543", "fmadd.d rtz,fa0,fa1,fa2,fa3"},
    {0x80000034, "68c5f547", "fmsub.s dyn,fa0,fa1,fa2,fa3"},
    {0x80000038, "68c5f54b", "fnmsub.s dyn,fa0,fa1,fa2,fa3"},
    {0x8000003c, "68c5f54f", "fnmadd.s dyn,fa0,fa1,fa2,fa3"},
    {0x80000040, "22c58553", "fsgnj.d fa0,fa1,fa2"},
    {0x80000044, "22b58553", "fmv.d fa0,fa1"},
    {0x80000048, "22b59553", "fneg.d fa0,fa1"},
    {0x8000004c, "22b5a553", "fabs.d fa0,fa1"},
    {0x80000050, "20b58553", "fmv.s fa0,fa1"},
    {0x80000054, "20c59553", "fsgnjn.s fa0,fa1,fa2"},
    {0x80000058, "28c58553", "fmin.s fa0,fa1,fa2"},
    {0x8000005c, "28c59553", "fmax.s fa0,fa1,fa2"},
    {0x80000060, "a0c5a553", "feq.s a0,fa1,fa2"},
    {0x80000064, "a0c59553", "flt.s a0,fa1,fa2"},
    {0x80000068, "a2c58553", "fle.d a0,fa1,fa2"},
    {0x8000006c, "e2059553", "fclass.d a0,fa1"},
    {0x80000078, "e2058553", "fmv.x.d a0,fa1"},
    {0x8000007c, "f2058553", "fmv.d.x fa0,a1"},
    {0x80000080, "c005f553", "fcvt.w.s dyn,a0,fa1"},
    {0x80000084, "c0059553", "fcvt.w.s rtz,a0,fa1"},
    {0x80000088, "c0159553", "fcvt.wu.s rtz,a0,fa1"},
    {0x8000008c, "c2259553", "fcvt.l.d rtz,a0,fa1"},
    {0x80000090, "c235f553", "fcvt.lu.d dyn,a0,fa1"},
    {0x80000094, "d005f553", "fcvt.s.w dyn,fa0,a1"},
    {0x80000098, "d015f553", "fcvt.s.wu dyn,fa0,a1"},
    {0x8000009c, "d2058553", "fcvt.d.w rne,fa0,a1"},
    {0x800000a0, "d2158553", "fcvt.d.wu rne,fa0,a1"},
    {0x800000a4, "d225f553", "fcvt.d.l dyn,fa0,a1"},
    {0x800000a8, "d2359553", "fcvt.d.lu rtz,fa0,a1"},
    {0x800000ac, "4015f553", "fcvt.s.d dyn,fa0,fa1"},
    {0x800000b0, "42058553", "fcvt.d.s rne,fa0,fa1"},
    {0x800000b4, "d025f553", "fcvt.s.l dyn,fa0,a1"},
    {0x800000b8, "f0180553", "fli.s fa0,0x1p+0"},
    {0x800000bc, "f01f0553", "fli.s fa0,inf"},
    {0x800000c0, "f2108553", "fli.d fa0,min"},
    {0x800000c4, "f21e8553", "fli.d fa0,0x1p+16"},
    {0x800000c8, "f21f8553", "fli.d fa0,nan"},
    {0x800000cc, "28c5a553", "fminm.s fa0,fa1,fa2"},
    {0x800000d0, "4045f553", "fround.s dyn,fa0,fa1"},
    {0x800000d4, "4255f553", "froundnx.d dyn,fa0,fa1"},
    {0x800000dc, "a0c5c553", "fleq.s a0,fa1,fa2"},
    {0x800000e0, "a2c5d553", "fltq.d a0,fa1,fa2"},
    {0x80000000, "0808", "addi a0,sp,16"},
    {0x80000002, "2588", "fld fa0,8(a1)"},
    {0x80000004, "41c8", "lw a0,4(a1)"},
    {0x80000006, "6588", "ld a0,8(a1)"},
    {0x80000008, "a588", "fsd fa0,8(a1)"},
    {0x8000000a, "c1c8", "sw a0,4(a1)"},
    {0x8000000c, "e588", "sd a0,8(a1)"},
    {0x80000012, "156d", "addi a0,a0,-5"},
    {0x80000016, "2515", "addiw a0,a0,5"},
    {0x80000018, "2501", "sext.w a0,a0"},
    {0x8000001a, "5575", "addi a0,zero,-3"},
    {0x8000001e, "7139", "addi sp,sp,-64"},
    {0x80000020, "657d", "lui a0,31"},
    {0x80000022, "757d", "lui a0,-1"},
    {0x80000024, "810d", "srli a0,a0,3"},
    {0x80000026, "9505", "srai a0,a0,33"},
    {0x80000028, "9971", "andi a0,a0,-4"},
    {0x8000002a, "8d0d", "sub a0,a0,a1"},
    {0x8000002c, "8d2d", "xor a0,a0,a1"},
    {0x8000002e, "8d4d", "or a0,a0,a1"},
    {0x80000030, "8d6d", "and a0,a0,a1"},
    {0x80000032, "9d0d", "subw a0,a0,a1"},
    {0x80000034, "9d2d", "addw a0,a0,a1"},
    {0x80000036, "a021", "j 8 # 0x8000003e"},
    {0x80000038, "c501", "beqz a0,8 # 0x80000040"},
    {0x8000003a, "fd65", "bnez a0,-8 # 0x80000032"},
    {0x8000003c, "0516", "slli a0,a0,5"},
    {0x8000003e, "2522", "fld fa0,8(sp)"},
    {0x80000040, "4512", "lw a0,4(sp)"},
    {0x80000042, "6522", "ld a0,8(sp)"},
    {0x80000046, "8502", "jr a0"},
    {0x8000004c, "9502", "jalr ra,a0,0"},
    {0x8000004e, "952e", "add a0,a0,a1"},
    {0x80000050, "900a", "add zero,zero,sp"},
    {0x80000052, "900e", "add zero,zero,gp"},
    {0x80000054, "a42a", "fsd fa0,8(sp)"},
    {0x80000056, "c22a", "sw a0,4(sp)"},
    {0x80000058, "e42a", "sd a0,8(sp)"},
    {0x80000082, "1001", "addi zero,zero,-32"},
};
/* clang-format on */

static const Row our_own[] = {
    {0x1000, "8330000f", "fence.tso"},
    {0x1000, "0100000f", "pause"},
    {0x1000, "0015200f", "cbo.clean (a0)"},
    {0x1000, "0025200f", "cbo.flush (a0)"},
    {0x1000, "0005200f", "cbo.inval (a0)"},
    {0x1000, "0045200f", "cbo.zero (a0)"},
    {0x1000, "02056013", "prefetch.i 32(a0)"},
    {0x1000, "fe356013", "prefetch.w -32(a0)"},
    {0x1000, "00200033", "ntl.p1"},
    {0x1000, "e0058553", "fmv.x.w a0,fa1"},
    {0x1000, "f0058553", "fmv.w.x fa0,a1"},
    {0x1000, "b8302573", "csrrs a0,mhpmcounter3h,zero"},
    {0x1000, "3ef02573", "csrrs a0,pmpaddr63,zero"},
    /* reserved operands of compressed instructions */
    {0x1000, "4002", "illegal"},
    {0x1000, "8002", "illegal"},
    {0x1000, "2001", "illegal"},
    {0x1000, "6101", "illegal"},
};

/* Disassemble @row; the text without the word, blanks collapsed. */
static char *disas(unsigned xlen, const Row *row)
{
    g_autoptr(GString) out = g_string_new(NULL);
    unsigned len = strlen(row->word) / 2;
    uint8_t code[sizeof(uint64_t)];
    g_auto(GStrv) words = NULL;
    GString *text = g_string_new(NULL);

    stn_le_p(code, len, strtoul(row->word, NULL, 16));
    g_assert_cmpuint(riscv_disas(xlen, row->pc, code, len, out), ==, len);
    words = g_strsplit(out->str, " ", -1);
    g_assert_cmpstr(words[0], ==, row->word);
    for (unsigned i = 1; words[i]; i++) {
        if (words[i][0]) {
            g_string_append_printf(text, "%s%s", text->len ? " " : "", words[i]);
        }
    }
    return g_string_free(text, FALSE);
}

static void check_rows(const Row *rows, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *text = disas(64, &rows[i]);

        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void test_like_qemu(void)
{
    check_rows(like_qemu, ARRAY_SIZE(like_qemu));
}

static void test_our_own(void)
{
    check_rows(our_own, ARRAY_SIZE(our_own));
}

static void test_rv32(void)
{
    static const Row rows[] = {
        {0xfffffffc, "2021", "jal ra,8 # 0x4"},
        {0x1000, "6188", "flw fa0,0(a1)"},
        {0x1000, "69855513", "rev8 a0,a0"},
        {0x1000, "0005b503", "illegal"}, /* ld */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *text = disas(32, &rows[i]);

        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

static void test_columns(void)
{
    static const uint8_t auipc[] = {0x97, 0x02, 0x00, 0x00}, ret[] = {0x82, 0x80};
    g_autoptr(GString) out = g_string_new("-> ");

    g_assert_cmpuint(riscv_disas(64, 0x1000, auipc, 4, out), ==, 4);
    g_assert_cmpstr(
        out->str, ==,
        "-> 00000297          auipc                   t0,0                    # 0x1000");
    g_string_truncate(out, 0);
    g_assert_cmpuint(riscv_disas(64, 0x1000, ret, 2, out), ==, 2);
    g_assert_cmpstr(out->str, ==, "8082              ret                     ");
}

/* Half of a long instruction at the end of what may be read. */
static void test_cut_short(void)
{
    static const uint8_t half[] = {0x97, 0x02};
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_cmpuint(riscv_disas(64, 0x1000, half, 2, out), ==, 2);
    g_assert_true(g_str_has_prefix(out->str, "0297              illegal"));
}

/* No word makes it assert or read beyond a table. */
static void test_any_word(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    uint32_t word = 1;

    for (unsigned i = 0; i < 200000; i++) {
        uint8_t code[4];

        word = word * 1664525 + 1013904223;
        stl_le_p(code, i < 65536 ? i : word | 3);
        g_string_truncate(out, 0);
        riscv_disas(i & 1 ? 32 : 64, word, code, 4, out);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/insns/disas/like-qemu", test_like_qemu);
    g_test_add_func("/insns/disas/our-own", test_our_own);
    g_test_add_func("/insns/disas/rv32", test_rv32);
    g_test_add_func("/insns/disas/columns", test_columns);
    g_test_add_func("/insns/disas/cut-short", test_cut_short);
    g_test_add_func("/insns/disas/any-word", test_any_word);
    return g_test_run();
}
