using System.Globalization;
using System.Text;

namespace TcpAo.Tests.Crypto;

/// <summary>
/// Writes the compression functions over lanes: every round in full, for the JIT keeps 16 words and the state in registers only where nothing is indexed,
/// and inlines only so much.
/// </summary>
internal static class LaneKernelGenerator
{
    private static readonly Instructions[] s_widths =
    [
        new("Words512", 512, "16 lanes of AVX-512", (x, bits) => $"Avx512F.RotateLeft({x}, {bits})", Ternary("Avx512F.TernaryLogic"), Ternary("Avx512F.TernaryLogic"), Ternary("Avx512F.TernaryLogic")),
        new(
            "Words256Vl",
            256,
            "8 lanes of AVX-512VL",
            (x, bits) => $"Avx512F.VL.RotateLeft({x}, {bits})",
            Ternary("Avx512F.VL.TernaryLogic"),
            Ternary("Avx512F.VL.TernaryLogic"),
            Ternary("Avx512F.VL.TernaryLogic")),
        new(
            "Words256",
            256,
            "8 lanes of AVX2",
            (x, bits) => $"(({x} << {bits}) | ({x} >>> {32 - bits}))",
            (_, x, y, z) => $"({x} ^ {y} ^ {z})",
            (_, x, y, z) => $"({z} ^ ({x} & ({y} ^ {z})))",
            (_, x, y, z) => $"(({x} & {y}) ^ ({z} & ({x} ^ {y})))"),
    ];

    /// <summary>The files by their names.</summary>
    public static IEnumerable<(string Name, string Text)> Files()
    {
        foreach (Instructions width in s_widths)
        {
            yield return ($"Sha1{width.Name}.g.cs", Sha1(width));
            yield return ($"Sha256{width.Name}.g.cs", Sha256(width));
        }
    }

    private static Func<string, string, string, string, string> Ternary(string name) => (control, x, y, z) => $"{name}({x}, {y}, {z}, {control})";

    private static string Sha1(Instructions cpu)
    {
        const int Rounds = 80;
        string[] state = ["a", "b", "c", "d", "e"];
        uint[] constants = [0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6];
        var text = new StringBuilder();
        Begin(text, cpu, "Sha1", "SHA-1", "6.1.2", state);
        for (int t = 0; t < Rounds; t++)
        {
            if (t % 20 == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n        {(t == 0 ? $"{cpu.Vector} k" : "k")} = Vector{cpu.Bits}.Create(0x{constants[t / 20]:X8}u);\n");
            }

            string[] s = Turned(state, t);
            string function = (t / 20) switch
            {
                0 => cpu.Choose("0xCA", s[1], s[2], s[3]),
                2 => cpu.Majority("0xE8", s[1], s[2], s[3]),
                _ => cpu.Xor("0x96", s[1], s[2], s[3]),
            };
            if (t >= 16)
            {
                // w[t] = rotl1(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16])
                string others = cpu.Xor("0x96", W(t - 3), W(t - 8), W(t - 14));
                text.Append(CultureInfo.InvariantCulture, $"        x = {others} ^ {W(t)};\n");
                text.Append(CultureInfo.InvariantCulture, $"        {W(t)} = {cpu.RotateLeft("x", 1)};\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"        {s[4]} = ({s[4]} + {W(t)} + k) + {function} + {cpu.RotateLeft(s[0], 5)};\n");
            text.Append(CultureInfo.InvariantCulture, $"        {s[1]} = {cpu.RotateLeft(s[1], 30)};\n");
        }

        End(text, state);
        return text.ToString();
    }

    private static string Sha256(Instructions cpu)
    {
        const int Rounds = 64;
        const int Looped = 16;
        string[] state = ["a", "b", "c", "d", "e", "f", "g", "h"];
        var text = new StringBuilder();
        Begin(text, cpu, "Sha256", "SHA-256", "6.2.2", state);
        text.Append(CultureInfo.InvariantCulture, $"        ReadOnlySpan<uint> k = Sha256.Constants[..{Looped}];\n");
        text.Append(CultureInfo.InvariantCulture, $"        for (int t = {Looped}; t < {Rounds}; t += {Looped})\n        {{\n");
        for (int t = 0; t < Looped; t++)
        {
            Sha256Round(text, cpu, "            ", Turned(state, t), t);

            // w[t] += s0(w[t-15]) + w[t-7] + s1(w[t-2])
            string sigma0 = cpu.Xor("0x96", cpu.RotateLeft(W(t + 1), 25), cpu.RotateLeft(W(t + 1), 14), $"({W(t + 1)} >>> 3)");
            string sigma1 = cpu.Xor("0x96", cpu.RotateLeft(W(t + 14), 15), cpu.RotateLeft(W(t + 14), 13), $"({W(t + 14)} >>> 10)");
            text.Append(CultureInfo.InvariantCulture, $"            {W(t)} = ({W(t)} + {W(t + 9)} + {sigma0}) + {sigma1};\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"            k = Sha256.Constants.Slice(t, {Looped});\n        }}\n\n");
        for (int t = 0; t < Looped; t++)
        {
            Sha256Round(text, cpu, "        ", Turned(state, t), t);
        }

        End(text, state);
        return text.ToString();
    }

    /// <summary>One round. The way from e to the next e is what all wait for: it leads over as few additions as can be.</summary>
    private static void Sha256Round(StringBuilder text, Instructions cpu, string indent, string[] s, int t)
    {
        string sigma1 = cpu.Xor("0x96", cpu.RotateLeft(s[4], 26), cpu.RotateLeft(s[4], 21), cpu.RotateLeft(s[4], 7));
        string sigma0 = cpu.Xor("0x96", cpu.RotateLeft(s[0], 30), cpu.RotateLeft(s[0], 19), cpu.RotateLeft(s[0], 10));
        text.Append(CultureInfo.InvariantCulture, $"{indent}x = {sigma1};\n");
        text.Append(CultureInfo.InvariantCulture, $"{indent}{s[7]} = ({s[7]} + {W(t)} + Vector{cpu.Bits}.Create(k[{t}])) + {cpu.Choose("0xCA", s[4], s[5], s[6])};\n");
        text.Append(CultureInfo.InvariantCulture, $"{indent}{s[3]} = ({s[3]} + {s[7]}) + x;\n");
        text.Append(CultureInfo.InvariantCulture, $"{indent}{s[7]} = ({s[7]} + x) + ({cpu.Majority("0xE8", s[0], s[1], s[2])} + {sigma0});\n");
    }

    private static void Begin(StringBuilder text, Instructions cpu, string name, string title, string section, string[] state)
    {
        text.Append(CultureInfo.InvariantCulture, $$"""
            // Generated by tests/TcpAo.Tests/Crypto/LaneKernelGenerator.cs; TCPAO_UPDATE_GOLDEN=1 ./test writes it anew.
            using System.Runtime.CompilerServices;
            using System.Runtime.Intrinsics;
            using System.Runtime.Intrinsics.X86;

            namespace TcpAo.Crypto.Batch;

            /// <summary>{{title}}'s compression function over {{cpu.Title}}. Source: FIPS 180-4 section {{section}}.</summary>
            internal readonly struct {{name}}{{cpu.Name}} : ILaneHash<{{cpu.Vector}}>
            {
                /// <inheritdoc/>
                [MethodImpl(MethodImplOptions.AggressiveOptimization)]
                public static void Compress(Span<{{cpu.Vector}}> state, ReadOnlySpan<{{cpu.Vector}}> words)
                {
                    state = state[..{{state.Length}}];
                    words = words[..16];
                    {{cpu.Vector}} {{string.Join(", ", state.Select((s, i) => $"{s} = state[{i}]"))}};

            """);
        for (int i = 0; i < 16; i += 4)
        {
            text.Append(CultureInfo.InvariantCulture, $"        {cpu.Vector} {string.Join(", ", Enumerable.Range(i, 4).Select(n => $"w{n} = words[{n}]"))};\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"        {cpu.Vector} x;\n");
    }

    private static void End(StringBuilder text, string[] state)
    {
        text.Append('\n');
        for (int i = 0; i < state.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"        state[{i}] += {state[i]};\n");
        }

        text.Append("    }\n}\n");
    }

    /// <summary>Which variable plays which part in round t: all move on by one place a round.</summary>
    private static string[] Turned(string[] state, int t) =>
        [.. state.Select((_, i) => state[(((i - t) % state.Length) + state.Length) % state.Length])];

    private static string W(int t) => $"w{t & 15}";

    private sealed record Instructions(
        string Name,
        int Bits,
        string Title,
        Func<string, int, string> RotateLeft,
        Func<string, string, string, string, string> Xor,
        Func<string, string, string, string, string> Choose,
        Func<string, string, string, string, string> Majority)
    {
        public string Vector { get; } = $"Vector{Bits}<uint>";
    }
}
