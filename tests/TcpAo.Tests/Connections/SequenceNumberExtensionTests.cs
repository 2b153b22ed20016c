using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using TcpAo.Connections;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>The sequence number extension (RFC 5925 section 6.2, RFC 9187).</summary>
public sealed class SequenceNumberExtensionTests
{
    [Fact]
    [Trait("Requirement", "R-050")]
    public void Steps_OfRfc9187_GiveThePublishedSne()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", "rfc9187-sne.json")));
        var extension = new SequenceNumberExtension(0);
        int count = 0;
        foreach (JsonElement step in document.RootElement.GetProperty("steps").EnumerateArray())
        {
            ulong extended = extension.Extend(Number(step, "seq"));
            Assert.Equal((count, Number(step, "expected_sne")), (count, (uint)(extended >> 32)));
            extension.Advance(extended);
            count++;
        }

        Assert.Equal(29, count);

        static uint Number(JsonElement step, string name) => uint.Parse(step.GetProperty(name).GetString().AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    [Fact]
    [Trait("Requirement", "R-048")]
    [Trait("Requirement", "R-051")]
    public void Numbers_ReorderedByLessThanHalfACycle_ExtendLikeA64BitCounter()
    {
        Gen<(uint Isn, int[] Jumps)> cases =
            from isn in Gen.Elements(0u, 1u, 0x7FFF_FFFFu, 0x8000_0000u, uint.MaxValue - 1, uint.MaxValue)
            from jumps in Gen.Choose(int.MinValue + 1, int.MaxValue).ArrayOf(200)
            select (isn, jumps);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var extension = new SequenceNumberExtension(c.Isn);
            ulong highest = c.Isn;
            foreach (int jump in c.Jumps)
            {
                // behind the highest by less than 2^31, but never before the ISN; ahead by less than 2^31
                long position = Math.Max((long)highest + jump, c.Isn);
                ulong extended = extension.Extend((uint)position);
                Assert.Equal((ulong)position, extended);
                bool grew = extension.Advance(extended);
                Assert.Equal((ulong)position > highest && (ulong)position >> 32 != highest >> 32, grew);
                highest = Math.Max(highest, (ulong)position);
                Assert.Equal(highest, extension.Mark);
                Assert.Equal((uint)(highest >> 32), extension.Sne);
            }
        }));
    }

    [Fact]
    [Trait("Requirement", "R-053")]
    public void Number_BeforeTheFirst_CountsInTheFirstCycle()
    {
        var extension = new SequenceNumberExtension(5);
        Assert.Equal(0xFFFF_FFF0ul, extension.Extend(0xFFFF_FFF0));
        Assert.Equal(5ul, extension.Mark);
    }

    [Fact]
    [Trait("Requirement", "R-090")]
    public void Saved_Continued_IsTheSame()
    {
        var extension = new SequenceNumberExtension(7, 0xFFFF_FFFF);
        Assert.Equal(0x8_0000_0000ul, extension.Extend(0));
        Assert.Equal(0x7_FFFF_FFF0ul, extension.Extend(0xFFFF_FFF0));
        Assert.True(extension.Advance(0x8_0000_0000));
        Assert.Equal(8u, extension.Sne);
    }
}
