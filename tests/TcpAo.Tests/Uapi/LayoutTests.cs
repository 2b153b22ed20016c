using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using TcpAo.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>Sizes and offsets of Linux' structures (linux-uapi 3): as committed, and as a C compiler lays them out for 32 and for 64 bits.</summary>
public sealed partial class LayoutTests
{
    // field of each bit-field, by its first byte and value there
    private static readonly string[] s_bits =
    [
        "BIT(tcp_ao_add, set_current, 196, 1)",
        "BIT(tcp_ao_add, set_rnext, 196, 2)",
        "BIT(tcp_ao_del, set_current, 132, 1)",
        "BIT(tcp_ao_del, set_rnext, 132, 2)",
        "BIT(tcp_ao_del, del_async, 132, 4)",
        "BIT(tcp_ao_info_opt, set_current, 0, 1)",
        "BIT(tcp_ao_info_opt, set_rnext, 0, 2)",
        "BIT(tcp_ao_info_opt, ao_required, 0, 4)",
        "BIT(tcp_ao_info_opt, set_counters, 0, 8)",
        "BIT(tcp_ao_info_opt, accept_icmps, 0, 16)",
        "BIT(tcp_ao_getsockopt, is_current, 276, 1)",
        "BIT(tcp_ao_getsockopt, is_rnext, 276, 2)",
        "BIT(tcp_ao_getsockopt, get_all, 276, 4)",
    ];

    [Fact]
    public void Sizes_OfAllStructures_AreLinuxs()
    {
        Assert.Equal(
            (288, 144, 48, 304, 16, 216, 128),
            (TcpAoAdd.Size, TcpAoDel.Size, TcpAoInfoOption.Size, TcpAoGetSockOpt.Size, TcpAoRepairOption.Size, TcpMd5Sig.Size, SockAddr.StorageSize));
    }

    [Theory]
    [InlineData("-m64")]
    [InlineData("-m32")]
    public void Layout_InC_IsTheSame(string model)
    {
        if (Compile(model, "int x;\n") is not 0)
        {
            Assert.Skip($"There is no gcc here that compiles for {model}.");
        }

        StringBuilder program = new(Repository.Read("tests/TcpAo.Tests/Uapi/structures.c"));
        int checks = 0;
        foreach (Type structure in typeof(UapiLayout).GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic))
        {
            string name = InC(structure.Name);
            foreach (FieldInfo field in structure.GetFields().Where(field => field.Name is not "Bits"))
            {
                int value = (int)field.GetRawConstantValue()!;
                program.Append(field.Name is "Size" ? $"SIZE({name}, {value});\n" : $"OFFSET({name}, {InC(field.Name)}, {value});\n");
                checks++;
            }
        }

        program.AppendJoin('\n', s_bits).Append('\n');
        Assert.True(checks > 60, $"{checks} checks");
        Assert.Equal(0, Compile(model, program.ToString()));

        // the check itself notices
        Assert.NotEqual(0, Compile(model, program + "SIZE(tcp_ao_add, 289);\n"));
        Assert.NotEqual(0, Compile(model, program.ToString().Replace("del_async, 132, 4", "del_async, 132, 8", StringComparison.Ordinal)));
    }

    /// <summary>Such as <c>tcp_ao_info_opt</c> of <c>TcpAoInfoOpt</c>.</summary>
    private static string InC(string name) => Capital().Replace(name, match => (match.Index == 0 ? "" : "_") + match.Value.ToLowerInvariant());

    private static int? Compile(string model, string program)
    {
        var start = new ProcessStartInfo("gcc", [model, "-O2", "-S", "-o", "/dev/null", "-x", "c", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process gcc = Process.Start(start)!;
            Task<string> errors = gcc.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            gcc.StandardInput.Write(program);
            gcc.StandardInput.Close();
            gcc.WaitForExit();
            TestContext.Current.TestOutputHelper?.WriteLine(errors.GetAwaiter().GetResult());
            return gcc.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex("[A-Z]", RegexOptions.CultureInvariant)]
    private static partial Regex Capital();
}
